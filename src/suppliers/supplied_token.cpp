#include "suppliers/supplied_token.hpp"

#include "core/characters.hpp"
#include "core/failure.hpp"
#include "core/redact.hpp"

namespace equinix::sts::suppliers {

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    auto const first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

subject_token subject_of(std::string_view text, std::string const& type, std::string const& source) {
    auto const token = trimmed(text);
    if (token.empty()) fail(error_kind::config, source + " is empty");
    if (token.size() > largest_token) fail(error_kind::config, source + " is larger than 64 KiB");
    if (!core::all_visible(token))
        fail(error_kind::config, source +
                                     " holds no token: there is a blank, a line end or another character in "
                                     "it that no token has");
    return subject_token(secret(token), type);
}

void check_type(std::string const& type) {
    subject_token(secret("any"), type);
}

void check_no_nul(std::string_view text, char const* what) {
    if (text.find('\0') != std::string_view::npos) core::refuse(std::string(what) + " has a NUL character");
}

std::string named(char const* what, std::string_view name) {
    if (core::may_be_a_token(name))
        return std::string(what) + ", whose name is not shown as it looks like a token,";
    return std::string(what) + " '" + core::printable(name, {}) + "'";
}

void fail(error_kind kind, std::string const& message, boost::system::error_code code) {
    throw error(core::failure(kind, phase::supplier, message, code));
}

} // namespace equinix::sts::suppliers
