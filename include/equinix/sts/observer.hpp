/// \file
/// Events of a client, a token source or a cache, as values: for logs, metrics and traces.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/error.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

namespace equinix::sts {

/// The type of an event.
enum class event_type {
    attempt_began,      ///< an attempt got its connection, or opening one for it failed
    attempt_ended,      ///< an attempt ended with a token, or failed (`kind`, `phase`, `http_status`, `code`)
    retry_scheduled,    ///< another attempt follows after `duration`
    connection_opened,  ///< a connection was opened with a full TLS handshake
    connection_resumed, ///< a connection was opened with a resumed TLS session
    connection_reused,  ///< an exchange got a connection that was already open
    connection_drained, ///< the server no longer accepts requests on a connection (HTTP/2: GOAWAY)
    connection_dropped, ///< an open connection was closed
    connection_failed,  ///< a connection could not be opened (`kind`, `phase`, `code`)
    token_hit,          ///< `get()` or `peek()` returned a token immediately
    token_miss,         ///< `get()` has to wait for an exchange, or fails
    token_refreshed,    ///< a new token was received; `duration` is how long it will be served
    token_stale,        ///< a refresh failed; the current token is still served
    token_failed,       ///< there is no token, and fetching one failed
    store_hit,          ///< a token came from the store
    store_miss,         ///< the store has no token that is good enough
    store_lease_won,    ///< this process makes the exchange for all that share the store
    store_lease_awaited,   ///< another process makes the exchange; this one waits for its result
    store_record_unopened, ///< a record was not sealed by one of the keys, or is dated in the future
    store_written,         ///< a token was written to the store
    store_failed,          ///< a command to the store failed (`kind`, `phase`, `code`)
    store_given_up,        ///< after consecutive failures, the store is not used for 1 to 30 s
    store_unshared         ///< a token is not shared: it is bound to a key or a certificate of this process
};

/// Returns the name of a type, as in `"retry_scheduled"`. Never fails.
EQUINIX_STS_DECL std::string_view to_string(event_type) noexcept;

/// One event. Contains no secret and no text from a peer. A member that does not apply to a type is zero or
/// empty.
struct event {
    event_type type = event_type::attempt_began; ///< the type
    std::chrono::steady_clock::time_point at{};  ///< the time of the event

    /// The tag of the exchange, or of the request of a source or cache: `exchange_request::tag`.
    std::uint64_t tag = 0;

    /// The name of the source or cache that caused the event: `refresh_options::name`. Valid while that
    /// source or cache, or an exchange for it, exists. An observer that keeps the name must copy it.
    std::string_view source;

    std::uint64_t exchange = 0;   ///< the number of the exchange in the client, from 1
    unsigned attempt = 0;         ///< the number of the attempt in the exchange, from 1
    std::uint64_t connection = 0; ///< the number of the connection in the client, from 1

    /// The address of that connection, as in `127.0.0.1:443`; with a proxy, the proxy's. Empty before there
    /// is a TCP connection. Valid during the call.
    std::string_view address;

    bool reused = false;  ///< whether the connection was open before the attempt
    bool resumed = false; ///< whether its TLS handshake resumed a session
    bool http2 = false;   ///< whether it speaks HTTP/2, by ALPN (RFC 7301)

    bool failed = false;                    ///< whether this is a failure; if so, the next four are set
    error_kind kind = error_kind::canceled; ///< the kind of failure
    sts::phase phase = sts::phase::none;    ///< the phase that was reached
    unsigned http_status = 0;               ///< the status of the response, 0 without one
    boost::system::error_code code;         ///< the cause, as `error_info::code`

    /// The duration, which depends on the type:
    ///
    /// - `attempt_ended`: of the attempt, from its connection on, or from its wait for one if it got none
    /// - `connection_opened`, `connection_resumed`, `connection_failed`: of opening (name, TCP, proxy and
    ///   TLS)
    /// - `retry_scheduled`: of the wait
    /// - `token_refreshed`: the time until the token is no longer served
    std::chrono::nanoseconds duration{};
};

/// A function that is called for each event.
///
/// Thread-safety: the thread that caused the event makes the call, without a lock. Several threads may call
/// at the same time, and events of different threads may arrive out of order.
///
/// The function must not block. Its exceptions are ignored. It may call the client; events that such a call
/// causes may be delivered before the call returns. An event for which there is no memory is lost. What is
/// destroyed with the executor's context causes no events.
using observer = std::function<void(event const&)>;

} // namespace equinix::sts
