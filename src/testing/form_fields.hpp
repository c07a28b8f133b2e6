// Parses application/x-www-form-urlencoded, strictly.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace equinix::sts::testing {

using form_fields = std::vector<std::pair<std::string, std::string>>;

/// Decodes one name or value. Nothing when an escape is ill-formed.
std::optional<std::string> form_decode(std::string_view text);

/// All fields in order. Nothing when one is ill-formed or has no name.
std::optional<form_fields> parse_form(std::string_view body);

} // namespace equinix::sts::testing
