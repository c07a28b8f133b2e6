// Turns a complete HTTP answer into what a supplier fetches, or into an error.
#pragma once

#include "core/answer.hpp"
#include "core/json_members.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/secret.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace equinix::sts::core {

/// What a 404 means: a metadata server that has just started answers so until it knows its instance.
enum class missing_page : unsigned char { final, not_there_yet };

/// What of an answer is wanted.
struct fetched_part {
    /// The token: the body or, given a path, that member of a JSON object.
    static fetched_part token(std::vector<std::string> member = {}) { return {std::move(member), false}; }

    /// The body as it is, of a service of AWS: a text from which the token is made.
    static fetched_part document() { return {{}, true}; }

    std::vector<std::string> member;
    bool is_document = false;
};

/// Whether a text looks like the code of an error, such as `AccessDenied`, and may be shown.
bool is_code(std::string_view text) noexcept;

/// The error quotes nothing of the answer but, where a document was wanted, the code in an error of AWS: any
/// word may be the token, or a part of it. `now` is when the answer arrived. Throws `std::bad_alloc`.
result<secret> judge_fetched(answer const& from, fetched_part const& part, std::chrono::sys_seconds now,
                             missing_page not_found = missing_page::final);

} // namespace equinix::sts::core
