// Judges what the doctor has seen. No I/O and no clock.
#pragma once

#include "tool/doctor/finding.hpp"
#include "tool/doctor/id_token.hpp"

#include <equinix/sts/endpoint.hpp>
#include <equinix/sts/error.hpp>
#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>
#include <equinix/sts/secret.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::tool::doctor {

/// Formats a time such as `3 h 12 min`.
std::string spelled(std::chrono::seconds time);

finding judge_endpoint(endpoint const& asked);

/// Whether the values have the forms that the service documents.
finding judge_scope(std::string_view scope);

/// As above, if there is no scope.
finding judge_no_scope(grant_type asked);

/// Whether the time limits leave room for another attempt.
findings judge_times(client_options const& options);

/// An authority that is trusted.
struct authority {
    std::string subject, fingerprint; ///< SHA-256, as in `12:AB:...`
};
/// Those of a file, which a person compares with what its owner says.
finding judge_authorities(std::string const& file, std::vector<authority> const& found);

/// Judges what the token says of itself. `now` is this machine's time.
findings judge_subject_token(secret const& token, std::chrono::sys_seconds now);

/// Compares a server's time with this machine's. If an exchange works nevertheless, the server may be the one
/// that is wrong.
finding judge_clock(std::chrono::sys_seconds servers, std::chrono::sys_seconds ours, bool exchanged);

/// A key that signs proofs or assertions, as `use` says, and how long a signature of it takes.
finding judge_key(std::string const& use, signing_key const& key, std::chrono::microseconds takes);

/// Whether the service has bound the token to the key of the proof.
finding judge_binding(token const& got);

/// What was found at one of several addresses of the host. The client tries the others when this one fails.
struct address_answer {
    std::string address;     ///< such as `127.0.0.1:443`, as in `stats::last_address`
    std::string problem;     ///< why there was no answer; empty if there was one
    std::string tls_version; ///< such as `TLSv1.3`
    unsigned status = 0;     ///< of the answer to HEAD over HTTP/1.1; 0 if there was none
};
finding judge_address(address_answer const& found);

/// `chosen` is what the server chose by ALPN from HTTP/2 and HTTP/1.1; empty if it chose nothing.
finding judge_protocol(std::string_view chosen, http_version wanted);

/// The identity that the server claims.
struct certificate {
    std::string subject, issuer, names;
    std::chrono::sys_seconds valid_from, valid_until;
};
finding judge_certificate(certificate const& shown, std::chrono::sys_seconds now, bool verified);

/// What was seen of a token store.
struct store_answer {
    std::string name; ///< as `token_store::describe` has it
    std::chrono::milliseconds took{};
    std::chrono::milliseconds ahead{}; ///< its clock, of this machine's
    std::string software;              ///< as in `redis 7.0.15`; empty for a directory
    std::string role, eviction_policy; ///< of Redis
    bool limits_memory = false;
};
findings judge_store(store_answer const& found);

/// Why the store does not work.
finding judge_store_failure(std::string const& name, std::string const& step, error_info const& failed);

/// The meaning of a failed connection or exchange, and what to do. `shown` and `subject` if they are known.
finding judge_failure(std::string topic, error_info const& failed, std::optional<id_token> const& subject);

} // namespace equinix::sts::tool::doctor
