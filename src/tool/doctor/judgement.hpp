// What the doctor makes of what it sees. No I/O and no clock.
#pragma once

#include "tool/doctor/finding.hpp"
#include "tool/doctor/id_token.hpp"

#include <equinix/sts/endpoint.hpp>
#include <equinix/sts/error.hpp>
#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/secret.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts::tool::doctor {

/// As in `3 h 12 min`.
std::string spelled(std::chrono::seconds time);

finding judge_endpoint(endpoint const& asked);

/// Whether the values have the forms that the service documents.
finding judge_scope(std::string_view scope);

/// The same where there is none.
finding judge_no_scope(grant_type asked);

/// What the token says of itself. `now` is this machine's time.
findings judge_subject_token(secret const& token, std::chrono::sys_seconds now);

/// What a server said the time is, against this machine's. Where an exchange works all the same, it may be
/// the server that is wrong.
finding judge_clock(std::chrono::sys_seconds servers, std::chrono::sys_seconds ours, bool exchanged);

/// Who the server says it is.
struct certificate {
    std::string subject, issuer, names;
    std::chrono::sys_seconds valid_from, valid_until;
};
finding judge_certificate(certificate const& shown, std::chrono::sys_seconds now, bool verified);

/// What a failed connection or exchange means, with what to do. `shown` and `subject` where they are known.
finding judge_failure(std::string topic, error_info const& failed, std::optional<id_token> const& subject);

} // namespace equinix::sts::tool::doctor
