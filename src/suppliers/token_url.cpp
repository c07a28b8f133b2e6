#include "suppliers/token_url.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/form.hpp"
#include "base/url.hpp"
#include "base/wiped.hpp"
#include "net/local_address.hpp"

namespace equinix::sts::suppliers_detail {
namespace {

struct scheme {
    std::string_view name;
    std::string_view otherwise; ///< what is wrong with a URL of another scheme
    std::uint16_t port;
};

token_url read(std::string_view what, std::string_view url, std::string_view option, scheme const& expected) {
    auto const refuse = [&](std::string_view why) {
        base::refuse_option(option, std::string(what) + " " + std::string(why));
    };
    auto const parsed = base::parse_url(url);
    if (!parsed) refuse("is malformed");
    if (!base::iequals(parsed->scheme(), expected.name)) refuse(expected.otherwise);
    if (parsed->has_userinfo()) refuse("has user info: set credentials as a header");
    if (parsed->has_fragment()) refuse("has a fragment, which is never sent");
    auto const host = base::host_of(*parsed);
    if (!host.wrong.empty()) refuse(host.wrong);
    token_url made;
    made.origin.host = host.name;
    made.origin.port = base::port_of(*parsed, expected.port);
    made.origin.is_ip_address = host.is_ip_address;
    made.origin.role = "the token URL";
    if (made.origin.port == 0) refuse("has no valid port");
    made.authority = host.is_ipv6 ? "[" + host.name + "]" : host.name;
    if (made.origin.port != expected.port) made.authority += ":" + std::to_string(made.origin.port);
    made.target = parsed->encoded_target();
    if (!made.target.starts_with('/')) made.target.insert(0, "/");
    return made;
}

} // namespace

std::string token_url::shown() const {
    return (origin.plain ? "http://" : "https://") + authority + target.substr(0, target.find('?'));
}

token_url read_https_url(std::string_view what, std::string_view url, std::string_view option) {
    return read(what, url, option, {"https", "is not https: the token would be sent in the clear", 443});
}

token_url read_local_http_url(std::string_view what, std::string_view url, std::string_view option) {
    auto made = read(what, url, option, {"http", "is not plain http: use suppliers::http for https", 80});
    made.origin.plain = true;
    if (made.origin.is_ip_address && !net::is_local(boost::asio::ip::make_address(made.origin.host)))
        base::refuse_option(option, std::string(what) +
                                        " has an address that is neither loopback nor link-local; "
                                        "other addresses require TLS");
    return made;
}

bool is_plain_http(std::string_view url) noexcept {
    return base::iequals(url.substr(0, 5), "http:");
}

token_url read_service_url(std::string_view what, std::string_view url, std::string_view option) {
    return is_plain_http(url) ? read_local_http_url(what, url, option) : read_https_url(what, url, option);
}

std::string_view without_end_slashes(std::string_view url) noexcept {
    while (url.ends_with('/'))
        url.remove_suffix(1);
    return url;
}

std::string with_parameter(std::string_view url, std::string_view name, std::string_view value) {
    base::wiped_buffer encoded;
    base::form_encode(encoded, value);
    std::string out(url);
    out += url.find('?') == std::string_view::npos ? '?' : '&';
    out.append(name) += '=';
    for (char const c : encoded) // a blank as `%20`, which every query parser understands
        if (c == '+')
            out += "%20";
        else
            out += c;
    return out;
}

} // namespace equinix::sts::suppliers_detail
