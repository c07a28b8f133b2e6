#include "tool/ascii_json.hpp"

#include <boost/json/serialize.hpp>

#include <string_view>

namespace equinix::sts::tool {
namespace {

void append_escaped(std::string& out, char32_t unit) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u";
    for (unsigned shift = 16; shift > 0;)
        out += digits[unit >> (shift -= 4) & 0xFU];
}

} // namespace

std::string ascii_json(boost::json::object const& line) {
    auto const text = boost::json::serialize(line);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        auto const first = static_cast<unsigned char>(text[at++]);
        if (first < 0x7F) {
            out += static_cast<char>(first);
            continue;
        }
        // It is UTF-8: Boost.JSON reads nothing else.
        int const more = first < 0xC0 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
        char32_t point = more == 0 ? first : first & (0x3FU >> more);
        for (int i = 0; i < more && at < text.size(); ++i)
            point = point << 6U | (static_cast<unsigned char>(text[at++]) & 0x3FU);
        if (point < 0x10000) {
            append_escaped(out, point);
        } else { // a surrogate pair
            append_escaped(out, 0xD800 + ((point - 0x10000) >> 10U));
            append_escaped(out, 0xDC00 + ((point - 0x10000) & 0x3FFU));
        }
    }
    return out;
}

} // namespace equinix::sts::tool
