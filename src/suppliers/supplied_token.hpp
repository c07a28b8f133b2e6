// What the ready suppliers share: making a token from a text, and their errors.
#pragma once

#include <equinix/sts/error.hpp>
#include <equinix/sts/subject_token.hpp>

#include <string>
#include <string_view>

namespace equinix::sts::suppliers_detail {

/// The token in a text. Throws `sts::error` of kind `config` that names the source, as `describe` does, and
/// the environment variable if that is the source, and quotes nothing of the content.
subject_token subject_of(std::string_view text, std::string const& type, std::string const& source,
                         std::string_view variable = {});

/// Throws `sts::error` of kind `config`, before there is a token, when the type is not a token type.
void check_type(std::string const& type);

/// Throws `sts::error` of kind `config` when a text that is passed to the system contains a NUL: it would be
/// cut there.
void check_no_nul(std::string_view text, char const* what);

/// `what 'name'` for an error, with the name made safe to print; without the name if it looks like a token in
/// the wrong place.
std::string named(char const* what, std::string_view name);

[[noreturn]] void fail(error_kind kind, std::string const& message, boost::system::error_code code = {});

/// Throws an error of kind `config` about the value of an environment variable. The error names the variable,
/// unless the name looks like a token in the wrong place.
[[noreturn]] void fail_by_variable(std::string_view variable, std::string const& message);

} // namespace equinix::sts::suppliers_detail
