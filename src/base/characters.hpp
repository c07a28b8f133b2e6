// The character classes of RFC 6749 appendix A and RFC 9110 section 5.6.2.
#pragma once

#include "base/sixteen.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace equinix::sts::base {

/// VSCHAR without the space: what a token or a header's credential may consist of.
constexpr bool is_visible(char c) noexcept {
    return c >= 0x21 && c <= 0x7e;
}

/// NQCHAR: a character of a scope value.
constexpr bool is_scope_char(char c) noexcept {
    return is_visible(c) && c != '"' && c != '\\';
}

/// NQSCHAR: a character of `error` and `error_description`.
constexpr bool is_error_char(char c) noexcept {
    return c == ' ' || is_scope_char(c);
}

constexpr bool is_alphanumeric(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// tchar: a character of a header field's name.
constexpr bool is_token_char(char c) noexcept {
    return is_alphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// What a header field's value may hold, obs-text left out.
constexpr bool is_field_char(char c) noexcept {
    return c == ' ' || c == '\t' || is_visible(c);
}

template <class Predicate>
constexpr bool all_of(std::string_view text, Predicate predicate) noexcept {
    return std::all_of(text.begin(), text.end(), predicate);
}

/// Which characters satisfy the predicate, by their number.
template <class Predicate>
constexpr std::array<bool, 256> table_of(Predicate predicate) noexcept {
    std::array<bool, 256> table{};
    for (int c = 0; c < 256; ++c)
        table[static_cast<std::size_t>(c)] = predicate(static_cast<char>(c));
    return table;
}

/// `all_of(text, is_visible)` for a text as long as a token.
inline bool all_visible(std::string_view text) noexcept {
    auto const sixteen_are = [](sixteen c) { return in_range(c, 0x21, 0x7e); };
    return is_run(text, sixteen_are, is_visible);
}

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool iequals(std::string_view a, std::string_view b) noexcept {
    auto const same = [](char x, char y) { return lower(x) == lower(y); };
    return a == b || std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

} // namespace equinix::sts::base
