// What the ready suppliers share: making a token of a text, and their errors.
#pragma once

#include <equinix/sts/error.hpp>
#include <equinix/sts/subject_token.hpp>

#include <string>
#include <string_view>

namespace equinix::sts::suppliers_detail {

/// The token that a text holds. Throws `sts::error` of kind `config` that names the source, as `describe`
/// does, and the environment variable where that is the source, and tells nothing of the content.
subject_token subject_of(std::string_view text, std::string const& type, std::string const& source,
                         std::string_view variable = {});

/// Throws `sts::error` of kind `config`, before there is a token, when the type is none.
void check_type(std::string const& type);

/// Throws `sts::error` of kind `config` when there is a NUL in what goes to the system: it would be cut
/// there.
void check_no_nul(std::string_view text, char const* what);

/// `what 'name'` for an error, with the name made safe to print; without it where it is rather a token, put
/// in the wrong place.
std::string named(char const* what, std::string_view name);

[[noreturn]] void fail(error_kind kind, std::string const& message, boost::system::error_code code = {});

/// Fails by what an environment variable has or has not: an error of kind `config` that names it, unless the
/// name looks like a token, put in the wrong place.
[[noreturn]] void fail_by_variable(std::string_view variable, std::string const& message);

} // namespace equinix::sts::suppliers_detail
