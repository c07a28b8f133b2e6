/// \file
/// The client: token exchanges over pooled TLS connections.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/error.hpp>
#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>
#include <equinix/sts/stats.hpp>
#include <equinix/sts/token.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>

namespace equinix::sts {

namespace client_detail {
struct access;
}

/// A token endpoint and the pool of connections to it.
///
/// A client is a cheap handle: copies share one pool. The pool closes when its last handle is destroyed; an
/// exchange in flight counts as a handle. Idle connections are outstanding work of the executor, so
/// `io_context::run()` returns only after the last handle is destroyed, or after `close()` or `shutdown()`.
///
/// Thread-safety: with `client_options::thread_safe` (the default), any thread may call any function, and any
/// number of threads may run the executor's context. A single handle object is as thread-safe as a
/// `std::shared_ptr`: threads that assign to it must each use a copy of their own.
///
/// Lifetime: the executor's context may be destroyed before the client's handles. This destroys the
/// connections and the exchanges in flight without resuming their callers. Later calls fail as on a closed
/// client.
///
/// Fork: a client belongs to the process that created it and must not be used in the child of a `fork()`.
/// Closing or destroying it in the child sends nothing on the connections, which the parent continues to use.
/// (In the child of a multithreaded process, POSIX permits only async-signal-safe functions, such as `exec`
/// and `_exit`.) `exec` closes the sockets.
class EQUINIX_STS_DECL client {
public:
    /// Creates a client whose connections live on `executor`. Reads the certificate and key files that the
    /// options name, by default those of the system's authorities. Performs no other I/O and starts nothing.
    ///
    /// Lifetime: no object that you pass to a client, or to a token source or cache on top of it, may own the
    /// context of `executor`. Operations that are pending in the context keep these objects alive.
    ///
    /// \throws sts::error of kind `config`, with the option or variable at fault and how to correct it.
    explicit client(boost::asio::any_io_executor executor, client_options options = client_options());

    /// Requests a token from the endpoint (RFC 8693 section 2, RFC 6749 section 4.4, RFC 7523 section 2.1).
    /// Retries failed attempts as `client_options::retry` specifies.
    ///
    /// Returns the token. Resumes the caller on the caller's own executor, which may differ from the
    /// client's. The timeout is `exchange_request::timeout()`, by default `client_options::timeout`.
    ///
    /// Cancellation: terminal and partial cancellation end the exchange at any point, with kind `canceled`,
    /// and close the connection if it had been written to. Total cancellation has this effect only while
    /// nothing has been sent. By default, Asio delivers only terminal cancellation to a coroutine;
    /// `this_coro::reset_cancellation_state` changes that. As with any `awaitable`, emit the signal on the
    /// coroutine's executor.
    ///
    /// \throws sts::error with an `error_info` of any kind; `std::bad_alloc`.
    boost::asio::awaitable<token> exchange(exchange_request request) const;

    /// Requests a token as `exchange()` does, and returns every failure of this library in the result.
    ///
    /// One exception remains, which no library can prevent. After a cancellation, even one that came too late
    /// for the exchange, Asio's `awaitable` itself throws `operation_aborted` at the caller's next `co_await`
    /// of an operation, unless the caller has set `this_coro::throw_if_cancelled(false)`.
    boost::asio::awaitable<result<token>> try_exchange(exchange_request request) const;

    /// Opens connections in advance, so that the first exchanges need not wait for them. Returns when
    /// `connections` are open, or `client_options::pool.max_connections` if that is less.
    ///
    /// Cancellation: any type ends the wait, with kind `canceled`. Connections being opened continue to open.
    ///
    /// \throws sts::error with the reason of the last failure if too few connections are open and no
    ///         further ones are being opened; of kind `timeout` after `client_options::timeout`; or of kind
    ///         `canceled`.
    boost::asio::awaitable<void> warm_up(std::size_t connections) const;

    /// Reads the files of the authorities, the client certificate and the key again. New connections use the
    /// new contents. Idle connections are closed, and earlier TLS sessions are no longer resumed, even if no
    /// file has changed. Exchanges in flight complete on the connections that they have. Has no effect on a
    /// closed client.
    ///
    /// If the client certificate has changed, the sources and caches of this client discard the tokens that
    /// were obtained with the old one, because these may be bound to it (RFC 8705 section 3).
    ///
    /// Blocks while it reads the files. Thread-safety: as for every function.
    ///
    /// \throws sts::error of kind `config` if the files cannot be used; nothing changes then.
    void reload_certificates() const;

    /// Returns the client's counters and current numbers. Takes a lock for a short time.
    ///
    /// \throws std::bad_alloc and nothing else.
    sts::stats stats() const;

    /// Refuses new exchanges, waits at most `client_options::shutdown_timeout` for those in flight, then
    /// closes.
    ///
    /// Cancellation: any type closes the client immediately.
    ///
    /// \throws boost::system::system_error if the coroutine was cancelled before it began, as every
    ///         `awaitable` does; nothing else.
    boost::asio::awaitable<void> shutdown() const;

    /// Closes immediately. Exchanges in flight or waiting, and all later ones, fail with kind `canceled`.
    /// Idle connections are closed. Further calls have no effect.
    void close() const noexcept;

private:
    friend struct client_detail::access;
    class handle;
    std::shared_ptr<handle> handle_;
};

} // namespace equinix::sts
