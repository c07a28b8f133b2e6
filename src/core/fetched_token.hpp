// Turns a complete HTTP answer into the subject token that a supplier fetches, or into an error.
#pragma once

#include "core/answer.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/secret.hpp>

#include <chrono>
#include <string_view>

namespace equinix::sts::core {

/// What a 404 means: a metadata server that has just started answers so until it knows its instance.
enum class missing_page : unsigned char { final, not_there_yet };

/// The token is the body or, given a name, that member of a JSON object. The error quotes nothing of the
/// answer: any word may be the token, or a part of it. `now` is when the answer arrived. Throws
/// `std::bad_alloc`.
result<secret> judge_fetched(answer const& from, std::string_view json_member, std::chrono::sys_seconds now,
                             missing_page not_found = missing_page::final);

} // namespace equinix::sts::core
