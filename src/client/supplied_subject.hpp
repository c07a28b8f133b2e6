// A subject token as a supplier returned it, and what is known about it.
#pragma once

#include "base/jwt_peek.hpp"

#include <equinix/sts/subject_token.hpp>

#include <string>
#include <utility>

namespace equinix::sts::client_detail {

class supplied_subject {
public:
    supplied_subject(subject_token from, base::jwt_times its_times, std::string its_source)
        : token(std::move(from)), times(its_times), source(std::move(its_source)) {}

    subject_token token;
    base::jwt_times times;
    std::string source; ///< the name of its supplier; only for an expired token
};

} // namespace equinix::sts::client_detail
