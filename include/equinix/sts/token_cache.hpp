/// \file
/// The current tokens for many requests.
#pragma once

#include <equinix/sts/client.hpp>
#include <equinix/sts/decl.hpp>
#include <equinix/sts/refresh.hpp>

#include <boost/asio/awaitable.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace equinix::sts {

/// The limits of a cache. Set members on a named object.
struct cache_options {
    cache_options() = default;

    /// The maximum number of keys. Default 1,024; at least 1. A new key evicts a key whose token has
    /// expired, or else one that was not used recently, the oldest of these first (SIEVE). Keys with
    /// waiting callers or an exchange in flight are not evicted. If this applies to all keys, a new key is
    /// refused with an error of kind `limit`.
    std::size_t max_keys = 1024;

    /// The maximum number of exchanges in flight. Default 64; at least 1. Further exchanges are queued, and
    /// those with waiting callers start before background refreshes.
    std::size_t max_in_flight = 64;

    /// When tokens are refreshed and how long they are served.
    sts::refresh_options refresh;
};

/// The numbers of a cache as a whole.
struct cache_stats {
    std::size_t keys = 0;      ///< keys in the cache now
    std::uint64_t evicted = 0; ///< keys removed to make room for others
    token_stats tokens;        ///< of all keys together, removed ones included
};

/// A token source for each of many requests: for a gateway that exchanges the tokens of its users, or a
/// service that needs many scopes. However many callers wait for a key, they share one exchange. Each key
/// behaves as a `token_source` does, except as follows.
///
/// Two requests have the same key if they would yield the same token: the same grant, scopes in any order,
/// parameters, client authentication, subject token or supplier (the object, not the token that it supplies),
/// and actor. A key is a digest (HMAC-SHA-256 with a random key of the cache), never a token.
///
/// A token is refreshed in the background when a caller requests it late in its lifetime. A token that no
/// caller requests is left to expire. The cache has no timer while no caller waits.
///
/// Thread-safety, lifetime and fork: as for `token_source`.
class EQUINIX_STS_DECL token_cache {
public:
    /// The digest of a request. Compute it once for a request that is used often. Valid only for the cache
    /// that computed it.
    ///
    /// Thread-safety: a value. Several threads may read one object at the same time.
    class key {
    public:
        friend bool operator==(key const&, key const&) = default;

    private:
        friend class token_cache;
        key() = default;
        std::array<std::uint64_t, 2> digest_{};
    };

    /// Creates a cache and starts nothing. The cache holds `client` and uses its timeout, retries and
    /// observer.
    ///
    /// \throws sts::error of kind `config`, with the option at fault and how to correct it; of kind
    ///         `canceled` if the client's context has been destroyed.
    explicit token_cache(client client, cache_options options = cache_options());

    /// Computes the key of a request. Does not add it to the cache.
    ///
    /// \throws std::bad_alloc.
    key key_of(exchange_request const& request) const;

    /// Returns the token of a key, or null if the cache has no valid one; see `token_source::peek`. Never
    /// fails.
    std::shared_ptr<token const> peek(key const& of) const noexcept;

    /// Returns the token of a request. If the cache has no valid one, waits for an exchange, at most the
    /// request's or the client's `timeout`. If the cache already has the key, it keeps nothing of `request`.
    ///
    /// Cancellation: any type ends the wait of this caller only, with kind `canceled`.
    ///
    /// \throws sts::error as `token_source::get` does; of kind `limit` if the cache is full and no key can be
    ///         evicted.
    boost::asio::awaitable<std::shared_ptr<token const>> get(exchange_request request) const;

    /// Returns the token as `get(request)` does, but waits at most `at_most`. If that is not positive,
    /// returns the token that is held or fails immediately.
    boost::asio::awaitable<std::shared_ptr<token const>> get(exchange_request request,
                                                             std::chrono::nanoseconds at_most) const;

    /// Returns the token as `get(request)` does, or the failure in the result; see `client::try_exchange`.
    boost::asio::awaitable<result<std::shared_ptr<token const>>> try_get(exchange_request request) const;

    /// Returns the token as `get(request, at_most)` does, or the failure in the result.
    boost::asio::awaitable<result<std::shared_ptr<token const>>>
    try_get(exchange_request request, std::chrono::nanoseconds at_most) const;

    /// Returns the token as `get(request)` does, without computing the key. `of` must be the key of
    /// `request`, from this cache.
    boost::asio::awaitable<std::shared_ptr<token const>> get(key of, exchange_request request) const;

    /// Returns the token as `get(request, at_most)` does, without computing the key; see above.
    boost::asio::awaitable<std::shared_ptr<token const>> get(key of, exchange_request request,
                                                             std::chrono::nanoseconds at_most) const;

    /// Returns the token as `get(of, request)` does, or the failure in the result; see
    /// `client::try_exchange`.
    boost::asio::awaitable<result<std::shared_ptr<token const>>> try_get(key of,
                                                                         exchange_request request) const;

    /// Returns the token as `get(of, request, at_most)` does, or the failure in the result.
    boost::asio::awaitable<result<std::shared_ptr<token const>>>
    try_get(key of, exchange_request request, std::chrono::nanoseconds at_most) const;

    /// Discards a token that a service refused; see `token_source::invalidate`.
    void invalidate(key const& of, token const& refused) const noexcept;

    /// Removes a key and its token, for example when a user logs out. Cancels a background exchange, and
    /// discards the token that it may still return. Has no effect if a caller waits for the key.
    void erase(key const& of) const noexcept;

    /// Returns the counters and current numbers of the whole cache. Takes a lock for a short time.
    ///
    /// \throws std::bad_alloc and nothing else.
    cache_stats stats() const;

    /// Returns the counters and current numbers of one key, or nothing if the cache does not have the key.
    /// Takes a lock for a short time.
    ///
    /// \throws std::bad_alloc and nothing else.
    std::optional<token_stats> stats(key const& of) const;

    /// Shuts down as `token_source::shutdown` does. With a token store, also waits until the tokens are in
    /// the store or the store has failed. Await `shutdown()`, or let `io_context::run()` return, before the
    /// process ends. Otherwise the store may not have the last tokens.
    boost::asio::awaitable<void> shutdown() const;

    /// Closes immediately; see `token_source::close`.
    void close() const noexcept;

private:
    class handle;
    std::shared_ptr<handle> handle_;
};

} // namespace equinix::sts
