#include "core/form.hpp"

#include "core/characters.hpp"

#include <array>
#include <cstdint>
#include <cstring>

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

using sixteen = unsigned char __attribute__((vector_size(16)));

/// Whether sixteen characters are all bare, in one go: a JWT is a thousand and more of them.
bool all_bare(char const* text) noexcept {
    sixteen c;
    std::memcpy(&c, text, sizeof c);
    auto const is = ((c | 0x20) - 'a' < 26) | (c - '0' < 10) | (c == '-') | (c == '.') | (c == '_') | (c == '~');
    std::array<std::uint64_t, 2> halves; // NOLINT: filled by the copy
    std::memcpy(halves.data(), &is, sizeof is);
    return (halves[0] & halves[1]) == ~std::uint64_t(0);
}

/// How many characters at the beginning stand for themselves.
std::size_t bare_run(std::string_view text) noexcept {
    std::size_t run = 0;
    while (run + sizeof(sixteen) <= text.size() && all_bare(text.data() + run))
        run += sizeof(sixteen);
    while (run < text.size() && bare[static_cast<unsigned char>(text[run])])
        ++run;
    return run;
}

} // namespace

std::size_t form_encoded_size(std::string_view text) noexcept {
    auto size = text.size();
    for (;;) {
        text.remove_prefix(bare_run(text));
        if (text.empty()) return size;
        if (text.front() != ' ') size += 2;
        text.remove_prefix(1);
    }
}

void form_encode(wiped_buffer& out, std::string_view text) {
    constexpr char hex[] = "0123456789ABCDEF";
    while (!text.empty()) {
        auto const run = bare_run(text);
        append(out, text.substr(0, run));
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
