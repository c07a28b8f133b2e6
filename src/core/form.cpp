#include "core/form.hpp"

#include "core/characters.hpp"

#include <array>

namespace equinix::sts::core {
namespace {

constexpr auto bare = [] {
    std::array<bool, 256> table{};
    for (int c = 0; c < 256; ++c) {
        auto const character = static_cast<char>(c);
        table[static_cast<std::size_t>(c)] = is_alphanumeric(character) || character == '-' ||
                                             character == '.' || character == '_' || character == '~';
    }
    return table;
}();

constexpr bool is_bare(char c) noexcept {
    return bare[static_cast<unsigned char>(c)];
}

} // namespace

std::size_t form_encoded_size(std::string_view text) noexcept {
    std::size_t size = 0;
    for (char const c : text)
        size += is_bare(c) || c == ' ' ? 1 : 3;
    return size;
}

void form_encode(wiped_buffer& out, std::string_view text) {
    constexpr char hex[] = "0123456789ABCDEF";
    while (!text.empty()) {
        std::size_t run = 0;
        while (run < text.size() && is_bare(text[run]))
            ++run;
        append(out, text.substr(0, run)); // a JWT is one run
        if (run == text.size()) return;
        auto const c = static_cast<unsigned char>(text[run]);
        if (c == ' ') {
            out.push_back('+');
        } else {
            out.push_back('%');
            out.push_back(hex[c >> 4]);
            out.push_back(hex[c & 15]);
        }
        text.remove_prefix(run + 1);
    }
}

} // namespace equinix::sts::core
