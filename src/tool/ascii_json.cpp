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

/// Returns the character at `at` and advances past it; U+FFFD for a byte that is not UTF-8, as in a file's
/// name.
char32_t next_character(std::string_view text, std::size_t& at) {
    constexpr char32_t replacement = 0xFFFD;
    auto const first = static_cast<unsigned char>(text[at++]);
    if (first < 0x80) return first;
    if (first < 0xC2 || first > 0xF4) return replacement;
    int const more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    char32_t point = first & (0x3FU >> more);
    for (int i = 0; i < more; ++i) {
        if (at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80) return replacement;
        point = point << 6U | (static_cast<unsigned char>(text[at++]) & 0x3FU);
    }
    bool const is_surrogate = point >= 0xD800 && point < 0xE000;
    return is_surrogate || point > 0x10FFFF ? replacement : point;
}

} // namespace

std::string ascii_json(boost::json::object const& line) {
    auto const text = boost::json::serialize(line);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        auto const point = next_character(text, at);
        if (point < 0x7F) {
            out += static_cast<char>(point);
        } else if (point < 0x10000) {
            append_escaped(out, point);
        } else { // a surrogate pair
            append_escaped(out, 0xD800 + ((point - 0x10000) >> 10U));
            append_escaped(out, 0xDC00 + ((point - 0x10000) & 0x3FFU));
        }
    }
    return out;
}

} // namespace equinix::sts::tool
