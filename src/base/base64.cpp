#include "base/base64.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace equinix::sts::base {
namespace {

constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void encode(wiped_buffer& out, std::string_view bytes, std::string_view alphabet, bool padded) {
    out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
    while (!bytes.empty()) {
        auto const take = std::min<std::size_t>(bytes.size(), 3);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = (group << 8) | (i < take ? static_cast<unsigned char>(bytes[i]) : 0U);
        for (std::size_t i = 0; i <= take; ++i)
            out.push_back(alphabet[(group >> (18 - 6 * i)) & 63]);
        if (padded) append(out, std::string_view("==").substr(0, 3 - take));
        bytes.remove_prefix(take);
    }
}

std::optional<wiped_buffer> decode(std::string_view text, std::string_view alphabet) {
    wiped_buffer out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (char const c : text) {
        auto const value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        group = (group << 6) | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<char>((group >> bits) & 255));
        }
    }
    // A lone character, or nonzero bits after the last byte, is not canonical.
    if (bits == 6 || (group & ((1U << bits) - 1)) != 0) return std::nullopt;
    return out;
}

} // namespace

void base64_encode(wiped_buffer& out, std::string_view bytes) {
    encode(out, bytes, standard, true);
}

void base64url_encode(wiped_buffer& out, std::string_view bytes) {
    encode(out, bytes, url, false);
}

std::string base64url(std::string_view bytes) {
    wiped_buffer encoded;
    base64url_encode(encoded, bytes);
    return std::string(view(encoded));
}

std::optional<wiped_buffer> base64_decode(std::string_view text) {
    while (text.ends_with('='))
        text.remove_suffix(1);
    return decode(text, standard);
}

std::optional<wiped_buffer> base64url_decode(std::string_view text) {
    return decode(text, url);
}

} // namespace equinix::sts::base
