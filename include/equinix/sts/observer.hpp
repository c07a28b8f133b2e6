/// \file
/// Being told what happens, as values: for logs, metrics and traces.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/error.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

namespace equinix::sts {

/// What an event tells of.
enum class event_type {
    attempt_began,      ///< an attempt got its connection, or the opening of one for it has failed
    attempt_ended,      ///< with a token, or with an error (`kind`, `phase`, `http_status`, `code`)
    retry_scheduled,    ///< another attempt follows after `duration`
    connection_opened,  ///< after a full TLS handshake
    connection_resumed, ///< opened with a TLS session resumed
    connection_reused,  ///< an open connection was handed to an exchange
    connection_dropped, ///< an open connection was closed
    connection_failed,  ///< one could not be opened (`kind`, `phase`, `code`)
    token_hit,          ///< `get()` or `peek()` of a token source had one
    token_miss,         ///< `get()` has to wait for an exchange
    token_refreshed,    ///< a new token is there; `duration` is how long it will be served
    token_stale,        ///< a refresh has failed and the token that is there goes on being served
    token_failed        ///< there is no token, and getting one has failed
};

/// The name of a type, as in `"retry_scheduled"`. Never fails.
EQUINIX_STS_DECL std::string_view to_string(event_type) noexcept;

/// One event. Holds no secret, and no text of a peer. A member that says nothing about a type is zero or
/// empty.
struct event {
    event_type type = event_type::attempt_began; ///< what happened
    std::chrono::steady_clock::time_point at{};  ///< when

    /// Of the exchange, or of what a source or cache asks for: `exchange_request::tag`.
    std::uint64_t tag = 0;

    /// The name of the source or cache for which it happened, `refresh_options::name`. Valid as long as that
    /// one and what is under way for it; a copy is the caller's.
    std::string_view source;

    std::uint64_t exchange = 0;   ///< which exchange of the client, from 1
    unsigned attempt = 0;         ///< which attempt of it, from 1
    std::uint64_t connection = 0; ///< which connection of the client, from 1

    bool failed = false;                    ///< whether it tells of a failure; then the next four count
    error_kind kind = error_kind::canceled; ///< what went wrong
    sts::phase phase = sts::phase::none;    ///< how far it had come
    unsigned http_status = 0;               ///< of the answer, 0 without one
    boost::system::error_code code;         ///< the cause, as `error_info::code`

    /// Of `attempt_ended` how long it took, from its connection on; of one that never got a connection, from
    /// when it wanted one. Of `connection_opened`, `connection_resumed` and `connection_failed` how long the
    /// opening took (name, TCP, proxy and TLS), of `retry_scheduled` the wait, of `token_refreshed` the time
    /// until the token is no longer served.
    std::chrono::nanoseconds duration{};
};

/// Called for each event, from whichever thread made it happen, without a lock, possibly from several at a
/// time; events of different threads may come out of order. It must not block. What it throws is dropped.
///
/// It may call the client; what that makes happen may be told before it returns. An event for which there is
/// no memory is lost, and nothing is told of what goes with the executor's context.
using observer = std::function<void(event const&)>;

} // namespace equinix::sts
