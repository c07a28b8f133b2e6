#include "suppliers/supplied_token.hpp"

#include "base/failure.hpp"
#include "base/redact.hpp"
#include "base/secret_text.hpp"

namespace equinix::sts::suppliers_detail {

subject_token subject_of(std::string_view text, std::string const& type, std::string const& source,
                         std::string_view variable) {
    auto const read = base::read_token(text);
    if (!read.wrong.empty()) fail_by_variable(variable, source + " " + std::string(read.wrong));
    return subject_token(secret(read.value), type);
}

void check_type(std::string const& type) {
    subject_token(secret("any"), type);
}

void check_no_nul(std::string_view text, char const* what) {
    if (text.find('\0') != std::string_view::npos)
        base::refuse(std::string(what) + " contains a NUL character");
}

std::string named(char const* what, std::string_view name) {
    if (base::may_be_a_token(name))
        return std::string(what) + " (name not shown because it looks like a token)";
    return std::string(what) + " '" + base::printable(name, {}) + "'";
}

void fail(error_kind kind, std::string const& message, boost::system::error_code code) {
    throw error(base::failure(kind, phase::supplier, message, code));
}

void fail_by_variable(std::string_view variable, std::string const& message) {
    auto info = base::failure(error_kind::config, phase::supplier, message);
    if (!base::may_be_a_token(variable)) info.option = variable;
    throw error(std::move(info));
}

} // namespace equinix::sts::suppliers_detail
