#include "values/no_proxy.hpp"

#include "base/characters.hpp"

#include <boost/asio/ip/address.hpp>

#include <charconv>

namespace equinix::sts::values {
namespace {

using boost::asio::ip::address;

std::string_view without_dots(std::string_view name) {
    if (name.starts_with('.')) name.remove_prefix(1);
    if (name.ends_with('.')) name.remove_suffix(1);
    return name;
}

bool covers_name(std::string_view entry, std::string_view host) {
    entry = without_dots(entry);
    host = without_dots(host);
    if (entry.empty() || host.size() < entry.size()) return false;
    auto const above = host.size() - entry.size();
    return base::iequals(host.substr(above), entry) && (above == 0 || host[above - 1] == '.');
}

template <class Bytes>
bool same_bits(Bytes const& a, Bytes const& b, unsigned bits) {
    for (std::size_t i = 0; i < a.size() && bits != 0; ++i) {
        auto const here = bits < 8 ? bits : 8;
        bits -= here;
        if (((a[i] ^ b[i]) >> (8 - here)) != 0) return false;
    }
    return true;
}

bool covers_address(std::string_view entry, address const& host) {
    unsigned bits = host.is_v4() ? 32 : 128;
    if (auto const slash = entry.find('/'); slash != std::string_view::npos) {
        auto const* const end = entry.data() + entry.size();
        unsigned wanted = 0;
        auto const read = std::from_chars(entry.data() + slash + 1, end, wanted);
        if (read.ec != std::errc() || read.ptr != end || wanted > bits) return false;
        bits = wanted;
        entry = entry.substr(0, slash);
    }
    if (entry.starts_with('[') && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
    boost::system::error_code not_an_address;
    auto const network = boost::asio::ip::make_address(entry, not_an_address);
    if (not_an_address || network.is_v4() != host.is_v4()) return false;
    return host.is_v4() ? same_bits(network.to_v4().to_bytes(), host.to_v4().to_bytes(), bits)
                        : same_bits(network.to_v6().to_bytes(), host.to_v6().to_bytes(), bits);
}

} // namespace

bool bypasses_proxy(std::string_view list, std::string_view host, bool is_ip_address) {
    constexpr std::string_view separators = ", \t";
    if (list == "*") return true;
    address literal;
    if (is_ip_address) literal = boost::asio::ip::make_address(host);
    for (;;) {
        auto const begin = list.find_first_not_of(separators);
        if (begin == std::string_view::npos) return false;
        list.remove_prefix(begin);
        auto const entry = list.substr(0, list.find_first_of(separators));
        if (is_ip_address ? covers_address(entry, literal) : covers_name(entry, host)) return true;
        list.remove_prefix(entry.size());
    }
}

} // namespace equinix::sts::values
