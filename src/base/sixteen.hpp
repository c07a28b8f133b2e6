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
    constexpr auto block = 4 * sizeof(sixteen);
    std::size_t run = 0;
    auto const are = [&](std::size_t at) { return sixteen_are(load_sixteen(text.data() + run + at)); };
    while (run + block <= text.size() && all_true(are(0) & are(16) & are(32) & are(48)))
        run += block;
    while (run + sizeof(sixteen) <= text.size() && all_true(are(0)))
        run += sizeof(sixteen);
    while (run < text.size() && one_is(text[run]))
        ++run;
    return run;
}

/// Whether `run_of` would be the whole text, sooner for one that is no multiple of sixteen.
template <class Sixteen, class One>
bool is_run(std::string_view text, Sixteen sixteen_are, One one_is) noexcept {
    if (text.size() < sizeof(sixteen)) return run_of(text, sixteen_are, one_is) == text.size();
    auto const last = text.size() - sizeof(sixteen);
    return run_of(text.substr(0, last), sixteen_are, one_is) == last &&
           all_true(sixteen_are(load_sixteen(text.data() + last)));
}

} // namespace equinix::sts::base
