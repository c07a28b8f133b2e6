// From a whole HTTP answer to the subject token that a supplier fetches, or an error.
#pragma once

#include "core/answer.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/secret.hpp>

#include <chrono>
#include <string_view>

namespace equinix::sts::core {

/// The token is the body or, with a name, that member of a JSON object. No word of the answer comes into the
/// error: any may be the token, or a part of one. `now` is when the answer came. Throws `std::bad_alloc`.
result<secret> judge_fetched(answer const& from, std::string_view json_member, std::chrono::sys_seconds now);

} // namespace equinix::sts::core
