#include "base/secret_text.hpp"

#include "base/characters.hpp"

namespace equinix::sts::base {

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    auto const first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

secret_text read_secret(std::string_view text) noexcept {
    auto const value = trimmed(text);
    if (value.empty()) return {{}, "is empty"};
    if (value.size() > largest_secret) return {{}, too_large};
    if (value.starts_with("\xEF\xBB\xBF"))
        return {{}, "begins with a byte order mark (BOM): save it as UTF-8 without one"};
    if (value.starts_with("\xFF\xFE") || value.starts_with("\xFE\xFF"))
        return {{}, "begins with a byte order mark (BOM) of UTF-16: save it as UTF-8 without one"};
    return {value, {}};
}

secret_text read_token(std::string_view text) noexcept {
    auto const read = read_secret(text);
    auto const wrong = read.wrong.empty() ? fault_of_token(read.value) : read.wrong;
    return wrong.empty() ? read : secret_text{{}, wrong};
}

std::string_view fault_of_token(std::string_view token) noexcept {
    if (token.empty()) return "is empty";
    if (token.size() > largest_secret) return too_large;
    if (all_visible(token)) return {};
    return "is not a token: it contains a space, a line break or another character that no token contains";
}

} // namespace equinix::sts::base
