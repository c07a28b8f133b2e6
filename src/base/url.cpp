#include "base/url.hpp"

#include "base/characters.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>
#include <charconv>

namespace equinix::sts::base {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Resolvers take such a name for an IPv4 address ("127.1", "0x7f.0.0.1"), certificates for a name.
bool ends_in_number(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    auto const last = host.substr(host.rfind('.') + 1); // npos + 1 is 0
    return !last.empty() && (all_of(last, is_digit) || last.starts_with("0x"));
}

std::string_view wrong_with(std::string_view host) {
    auto const is_name_char = [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; };
    if (host.empty()) return "has no host";
    if (!all_of(host, is_name_char))
        return "has a host that is not a DNS name (write an international name in its xn-- form)";
    if (host.size() > 254 || host.front() == '.' || host.find("..") != std::string_view::npos)
        return "has a host that is not a DNS name";
    if (ends_in_number(host)) return "has a host that is neither a DNS name nor a complete IPv4 address";
    return {};
}

/// Every character that may occur anywhere in a URI (RFC 3986 section 2).
bool is_uri_char(char c) {
    constexpr std::string_view marks = "-._~:/?#[]@!$&'()*+,;=%";
    return is_alphanumeric(c) || marks.find(c) != std::string_view::npos;
}

} // namespace

std::optional<boost::urls::url_view> parse_url(std::string_view text) {
    // Boost 1.81 terminates the program for some texts that are no URI, such as "x: " (an assertion).
    if (!all_of(text, is_uri_char) ||
        text.substr(std::min(text.find(':'), text.size())).substr(0, 3) != "://")
        return std::nullopt;
    auto const parsed = boost::urls::parse_uri(text);
    if (parsed.has_error()) return std::nullopt;
    // It also reads `host:x/` as an empty port and the path `x/`, which no authority allows.
    auto const path = parsed->encoded_path();
    if (!path.empty() && path.front() != '/') return std::nullopt;
    return *parsed;
}

url_host host_of(boost::urls::url_view const& url) {
    using boost::urls::host_type;
    url_host out;
    switch (url.host_type()) {
    case host_type::ipv6:
        out.is_ipv6 = out.is_ip_address = true;
        out.name = url.host_ipv6_address().to_string();
        // Boost 1.83 and newer accept a zone; 1.81 rejects it.
        if (url.encoded_host().find('%') != std::string_view::npos)
            out.wrong = "has an IPv6 address with a zone";
        break;
    case host_type::ipv4:
        out.is_ip_address = true;
        out.name = url.host_ipv4_address().to_string();
        break;
    case host_type::ipvfuture:
        out.wrong = "has a host of an unknown address family";
        break;
    default:
        out.name = url.encoded_host();
        std::transform(out.name.begin(), out.name.end(), out.name.begin(), lower);
        out.wrong = wrong_with(out.name);
    }
    return out;
}

std::uint16_t port_of(boost::urls::url_view const& url, std::uint16_t otherwise) {
    auto const port = url.port();
    std::string_view const text(port.data(), port.size());
    if (text.empty()) return otherwise;
    std::uint16_t number = 0;
    auto const* const begin = text.data();
    auto const* const end = begin + text.size();
    auto const read = std::from_chars(begin, end, number);
    return read.ec == std::errc() && read.ptr == end ? number : 0;
}

} // namespace equinix::sts::base
