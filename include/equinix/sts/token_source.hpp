/// \file
/// The current token for one request.
#pragma once

#include <equinix/sts/client.hpp>
#include <equinix/sts/decl.hpp>
#include <equinix/sts/refresh.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>

namespace equinix::sts {

/// Keeps a token for one request: awaited before each call of a service, it has one at once, or fetches one
/// for everybody who waits.
///
/// However many callers wait, one exchange is under way. It belongs to nobody: each caller leaves by its own
/// cancellation or deadline, and when the last has left, an exchange for which no valid token stands in is
/// cancelled. A failure is told to everyone who waits, and for a short while to those who come: 200 ms, or 10
/// to 60 s when the service has refused the request for good (unless its supplier has another subject token).
///
/// A subject token that by its own `exp` has expired is not sent. Nobody else looks into it.
///
/// A token is served as long as neither the steady nor the system clock says that it has expired: a suspend,
/// which the first does not see, and a wall clock that is set, which misleads the second, cost a refresh at
/// most.
///
/// A cheap handle: copies share the token. A token that was used since it came is refreshed by a timer, which
/// is work of the executor: `io_context::run()` returns after the last handle is gone, or after `close()` or
/// `shutdown()`. One that nobody used is left to lapse.
///
/// Thread-safety: as of `client`, with its `thread_safe`. Fork: as of `client`.
class EQUINIX_STS_DECL token_source {
public:
    /// Does nothing yet. `client` is kept; its deadlines, retries and observer are those of the source.
    ///
    /// \throws sts::error of kind `config`, naming the option and what to do.
    token_source(client client, exchange_request request, refresh_options options = refresh_options());

    /// A source, with a client of its own, as the environment has it: `client_options::from_environment()`
    /// and `exchange_request::from_environment()`.
    ///
    /// \throws sts::error of kind `config`, naming the variable.
    static token_source from_environment(boost::asio::any_io_executor executor);

    /// The token, or null when none is valid. Neither waits nor starts an exchange, but for a token that is
    /// to be refreshed it has that begun. Never fails.
    std::shared_ptr<token const> peek() const noexcept;

    /// The token. At once, without suspending, hopping or allocating, when one is valid at the time of the
    /// call; else waits for an exchange, at most the request's or the client's `timeout`.
    ///
    /// Cancellation: of any type; ends the wait of this caller alone.
    ///
    /// \throws sts::error with the exchange's failure; or of kind `timeout`, phase `queue`; or `canceled`.
    boost::asio::awaitable<std::shared_ptr<token const>> get() const;

    /// The same, waiting at most so long. Not positive: what is there or known now.
    boost::asio::awaitable<std::shared_ptr<token const>> get(std::chrono::nanoseconds at_most) const;

    /// The same without an exception, see `client::try_exchange`.
    boost::asio::awaitable<result<std::shared_ptr<token const>>> try_get() const;

    /// The same, waiting at most so long.
    boost::asio::awaitable<result<std::shared_ptr<token const>>>
    try_get(std::chrono::nanoseconds at_most) const;

    /// Gives a token up that was refused where it was shown (401): the next `get()` fetches another. Does
    /// nothing when it is no more the current one, so any number of callers cost one exchange.
    ///
    /// A token that is refused within 10 s of its coming is given up at most once in 1 s, then 2 s, 4 s, ...
    /// 60 s: another one would not help. A call in between does nothing, `get()` returns the same token, and
    /// `token_stats::not_invalidated` counts it; the next request that is refused calls again.
    void invalidate(token const& refused) const noexcept;

    /// Has a token fetched ahead of the first `get()`. As `get()`, without its result.
    boost::asio::awaitable<void> warm_up() const;

    /// What the source has done. Takes a short lock. Fails only for want of memory.
    token_stats stats() const;

    /// Refuses new waits, lets those who wait have their token, at most `refresh_options::shutdown_timeout`,
    /// then closes. When cancelled it closes at once.
    boost::asio::awaitable<void> shutdown() const;

    /// Ends at once: who waits gets `canceled`, as does who comes; the exchange is cancelled, the token
    /// forgotten, the client let go (but not closed, where others hold it).
    void close() const noexcept;

private:
    class handle;
    std::shared_ptr<handle> handle_;
};

} // namespace equinix::sts
