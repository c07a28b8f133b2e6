// Processes sixteen characters at a time: a token has a thousand or more, and each is checked. Uses the
// compilers' own vectors, so it is the same on any processor.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace equinix::sts::base {

/// As characters, and as the result of a comparison: 0 or -1 for each.
using sixteen = signed char __attribute__((vector_size(16)));

inline sixteen load_sixteen(char const* text) noexcept {
    sixteen c;
    std::memcpy(&c, text, sizeof c);
    return c;
}

/// Which of them are ASCII characters from `first` to `last`; neither may be 0.
inline sixteen in_range(sixteen c, char first, char last) noexcept {
    return (c > static_cast<signed char>(first - 1)) & (c < static_cast<signed char>(last + 1));
}

inline bool all_true(sixteen is) noexcept {
    std::array<std::uint64_t, 2> halves; // NOLINT: filled by the copy
    std::memcpy(halves.data(), &is, sizeof is);
    return (halves[0] & halves[1]) == ~std::uint64_t(0);
}

/// The length of the prefix whose characters satisfy `sixteen_are`, sixteen at a time, or `one_is`, one at a
/// time.
template <class Sixteen, class One>
std::size_t run_of(std::string_view text, Sixteen sixteen_are, One one_is) noexcept {
    std::size_t run = 0;
    while (run + sizeof(sixteen) <= text.size() && all_true(sixteen_are(load_sixteen(text.data() + run))))
        run += sizeof(sixteen);
    while (run < text.size() && one_is(text[run]))
        ++run;
    return run;
}

} // namespace equinix::sts::base
