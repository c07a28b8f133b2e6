// What to do about a failure. No I/O and no clock.
#pragma once

#include "tool/doctor/id_token.hpp"

#include <equinix/sts/error.hpp>

#include <optional>
#include <string>

namespace equinix::sts::tool::doctor {

/// Lines of text; empty if there is nothing to do. Decides by kind, phase, code and status, never by a text.
/// `subject` is the ID token that was presented, if it is known.
std::string advice_for(error_info const& failed, std::optional<id_token> const& subject);

} // namespace equinix::sts::tool::doctor
