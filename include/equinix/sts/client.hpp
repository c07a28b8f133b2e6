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
/// A client is a cheap handle: copies share one pool. The pool is closed with its last handle; an exchange in
/// flight counts as one. Idle connections are outstanding work of the executor, so `io_context::run()`
/// returns only after the last handle is gone, or after `close()` or `shutdown()`.
///
/// Thread-safety: with `client_options::thread_safe` (the default) every function may be called from any
/// thread, and the executor's context may be run by any number of threads. A single handle object is as
/// thread-safe as a `std::shared_ptr`: copy it rather than share it between threads that assign to it.
///
/// Lifetime: the executor's context may be destroyed before the client's handles. It takes the connections
/// and the exchanges in flight along, without resuming anyone, and later calls fail as on a closed client.
///
/// Fork: a client belongs to the process that made it. In the child of a `fork()` it must not be used;
/// closing or destroying it there says nothing on the connections, which the parent goes on using. (A child
/// of a process with several threads may do no more than `exec` or `_exit`, as POSIX has it.) The sockets are
/// closed by `exec`.
class EQUINIX_STS_DECL client {
public:
    /// Makes a client whose connections live on `executor`. Does no I/O but to read the files of certificates
    /// and keys that the options name, and starts nothing. What you give it, or a token source or cache above
    /// it, must not own the context of `executor`: what waits in the context keeps what you gave.
    ///
    /// \throws sts::error of kind `config`, naming the option and what to do.
    explicit client(boost::asio::any_io_executor executor, client_options options = client_options());

    /// Asks the endpoint for a token (RFC 8693 section 2, RFC 6749 section 4.4), and again as
    /// `client_options::retry` says when that fails.
    ///
    /// Resumes the caller on its own executor, whichever that is.
    ///
    /// Cancellation: of type terminal or partial it ends the exchange wherever it is, and a connection that
    /// had been written to is closed; of type total it does so only as long as nothing was sent. By default
    /// Asio lets a coroutine see terminal cancellation alone; `this_coro::reset_cancellation_state` changes
    /// that. As always with `awaitable`, emit the signal on the coroutine's executor.
    ///
    /// \throws sts::error with an `error_info` of any kind; `std::bad_alloc`.
    boost::asio::awaitable<token> exchange(exchange_request request) const;

    /// The same without an exception: every failure of ours is in the result. What no library can prevent:
    /// after a cancellation, even one that came too late for the exchange, Asio's `awaitable` itself throws
    /// `operation_aborted` at the caller's next `co_await` of an operation, unless the caller set
    /// `this_coro::throw_if_cancelled(false)`.
    boost::asio::awaitable<result<token>> try_exchange(exchange_request request) const;

    /// Opens connections until so many are open, at most `client_options::pool.max_connections`, so that the
    /// first exchanges need not wait for that. Returns when they are.
    ///
    /// Cancellation: of any type; ends the wait, and what is being opened goes on.
    ///
    /// \throws sts::error with the reason of the last failure when all that was begun has ended and too few
    ///         are open, or of kind `timeout` after `client_options::timeout`, or `canceled`.
    boost::asio::awaitable<void> warm_up(std::size_t connections) const;

    /// Reads the files of authorities, client certificate and key again. New connections use what they hold
    /// now; idle ones, and the TLS sessions that could have been resumed, are given up; exchanges in flight
    /// end on the connections that they have. So it is too when nothing has changed. On a closed client it
    /// does nothing. Blocks for as long as reading the files takes. Thread-safety: as every function.
    ///
    /// \throws sts::error of kind `config` when they cannot be used; everything stays as it was.
    void reload_certificates() const;

    /// What the client has done and is doing. Takes a short lock. Never fails but for want of memory.
    sts::stats stats() const;

    /// Refuses new exchanges, waits for those in flight, at most `client_options::shutdown_timeout`, then
    /// closes. When cancelled it closes at once. Fails only as every coroutine does that
    /// was cancelled before it began.
    boost::asio::awaitable<void> shutdown() const;

    /// Closes at once: exchanges in flight and waiting end with kind `canceled`, idle connections are closed,
    /// later exchanges fail with kind `canceled`. Closing twice does nothing.
    void close() const noexcept;

private:
    friend struct client_detail::access;
    class handle;
    std::shared_ptr<handle> handle_;
};

} // namespace equinix::sts
