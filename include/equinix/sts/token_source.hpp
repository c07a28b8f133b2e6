/// \file
/// The current token for one request.
#pragma once

#include <equinix/sts/client.hpp>
#include <equinix/sts/decl.hpp>
#include <equinix/sts/refresh.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace equinix::sts {

/// A function that returns a token: see the constructor of `token_source` that takes one.
using token_function = std::function<boost::asio::awaitable<token>()>;

/// Keeps the token for one request current. Await `get()` before each call of a service: it returns the token
/// immediately, or fetches one for all callers that wait.
///
/// However many callers wait, they share one exchange. It belongs to none of them: a cancellation or deadline
/// ends the wait of its own caller only. When the last caller has left and no valid token is held, the
/// exchange is cancelled. A failure is reported to all waiting callers, and to new callers for a short time:
/// about 200 ms, up to 2 s while the client's retry budget is used up, or 10 to 60 s if the service has
/// refused the request permanently (unless the supplier has another subject token).
///
/// A subject token is not sent if, according to its own `exp`, it expired more than 60 s ago. Token sources
/// and caches check this; `client::exchange()` does not.
///
/// A token is served until the steady clock or the system clock reports that it has expired. The steady clock
/// does not advance during a suspend, and the system clock may be set; either costs at most a refresh.
///
/// A source is a cheap handle: copies share the token, and a waiting caller counts as a handle. A timer
/// refreshes a token that was used since it was received. The timer is work of the executor, so
/// `io_context::run()` returns after the last handle is destroyed, or after `close()` or `shutdown()`. A
/// token that was not used is left to expire.
///
/// Thread-safety: as for `client`, with its `thread_safe`. Fork: as for `client`.
class EQUINIX_STS_DECL token_source {
public:
    /// Creates a source and starts nothing. The source holds `client` and uses its timeout, retries and
    /// observer.
    ///
    /// \throws sts::error of kind `config`, with the option at fault and how to correct it; of kind
    ///         `canceled` if the client's context has been destroyed.
    token_source(client client, exchange_request request, refresh_options options = refresh_options());

    /// Creates a source of the tokens that a function returns, without a client: for the tokens of another
    /// service, or for a test of a program that takes a source. All else is as with exchanges: one call
    /// serves all callers that wait, and a token is replaced in the background before it expires. Callers
    /// wait at most 30 s.
    ///
    /// The source calls `function` on a strand of `executor`, a new one for each call. A call may begin
    /// before an earlier one, for which no caller waits any longer, has ended. If the token has no
    /// `token_type`, it becomes `Bearer`; if it has no `requested`, its lifetime counts from the call. A
    /// token without `expires_in` is kept only with `refresh_options::assumed_lifetime`.
    ///
    /// Callers get the `sts::error` that the function throws; for a `boost::system::system_error` one of kind
    /// `network` with its code; for any other exception one of kind `config` that does not contain its text,
    /// which may be a secret.
    ///
    /// Cancellation: when no caller waits any longer, and after 30 s, the coroutine is cancelled (terminal).
    /// It may outlive the source.
    ///
    /// \throws sts::error of kind `config` if the function is empty or an option cannot be used, for
    ///         example a store.
    token_source(boost::asio::any_io_executor executor, token_function function,
                 refresh_options options = refresh_options());

    /// Creates a source that always has this token, for tests: `get()` and `peek()` return it immediately.
    /// After `invalidate()`, `get()` returns it again. Once it has expired, if it has an `expires_in`,
    /// `get()` fails with kind `malformed`.
    ///
    /// \throws sts::error of kind `config` if the `access_token` is empty or cannot be sent.
    static token_source fixed(boost::asio::any_io_executor executor, token value);

    /// Creates a source, with a client of its own, from the environment: `client_options::from_environment()`
    /// and `exchange_request::from_environment()`.
    ///
    /// \throws sts::error of kind `config`, with the variable at fault.
    static token_source from_environment(boost::asio::any_io_executor executor);

    /// Returns the token, or null if none is valid. Does not wait. Starts an exchange only to refresh a valid
    /// token that is due. Never fails.
    std::shared_ptr<token const> peek() const noexcept;

    /// Returns the token. If one is valid at the time of the call, returns it without suspending, switching
    /// executors or allocating. Otherwise waits for an exchange, at most the request's or the client's
    /// `timeout` (and up to 400 ms longer for the failure of an exchange whose time is up).
    ///
    /// Cancellation: any type ends the wait of this caller only, with kind `canceled`.
    ///
    /// \throws sts::error with the exchange's failure; of kind `timeout` in phase `queue`; or of kind
    ///         `canceled`.
    boost::asio::awaitable<std::shared_ptr<token const>> get() const;

    /// Returns the token as `get()` does, but waits at most `at_most`. If that is not positive, returns the
    /// token that is held or fails immediately. The error for a wait that is over contains the failure of the
    /// last attempt, if one has failed.
    boost::asio::awaitable<std::shared_ptr<token const>> get(std::chrono::nanoseconds at_most) const;

    /// Returns the token as `get()` does, or the failure in the result; see `client::try_exchange`.
    boost::asio::awaitable<result<std::shared_ptr<token const>>> try_get() const;

    /// Returns the token as `get(at_most)` does, or the failure in the result.
    boost::asio::awaitable<result<std::shared_ptr<token const>>>
    try_get(std::chrono::nanoseconds at_most) const;

    /// Discards a token that a service refused (401), so that the next `get()` fetches another. Has no effect
    /// if `refused` is no longer the current token, so any number of callers cause one exchange.
    ///
    /// Limit: a token that is refused within 10 s of its receipt is discarded at most once in 1 s, then 2 s,
    /// 4 s, up to 60 s, because another token would not help. A call before that has no effect: `get()`
    /// returns the same token, and `token_stats::not_invalidated` counts the call. Call again when the next
    /// request is refused.
    void invalidate(token const& refused) const noexcept;

    /// Fetches a token in advance of the first `get()`. Waits, fails and can be cancelled like `get()`, and
    /// returns no token.
    boost::asio::awaitable<void> warm_up() const;

    /// Returns the source's counters and current numbers. Takes a lock for a short time.
    ///
    /// \throws std::bad_alloc and nothing else.
    token_stats stats() const;

    /// Refuses new waits, waits at most `refresh_options::shutdown_timeout` for callers to receive their
    /// token, then closes. With a token store, also waits until the token is in the store or the store has
    /// failed: callers get a token before it is written. Await `shutdown()`, or let `io_context::run()`
    /// return, before the process ends. Otherwise the store may not have the token.
    ///
    /// Cancellation: any type closes the source immediately.
    ///
    /// \throws as `client::shutdown()`.
    boost::asio::awaitable<void> shutdown() const;

    /// Closes immediately. Current and later callers fail with kind `canceled`. Cancels the exchange,
    /// discards the token and releases the client, which stays open if others hold it.
    void close() const noexcept;

private:
    class handle;
    std::shared_ptr<handle> handle_;
};

} // namespace equinix::sts
