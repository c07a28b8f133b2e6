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

/// How large a cache may be. Set members on a named object.
struct cache_options {
    cache_options() = default;

    /// Most keys. Default 1,024; at least 1. For one more, a key whose token has expired goes first, else the
    /// one that was used longest ago; those for which somebody waits, or an exchange is under way, stay,
    /// and when all are such, a new key is refused with an error of kind `limit`.
    std::size_t max_keys = 1024;

    /// Most exchanges at a time; others wait for their turn, those that somebody waits for before those in
    /// the background. Default 64; at least 1.
    std::size_t max_in_flight = 64;

    /// How tokens are kept fresh.
    sts::refresh_options refresh;
};

/// Numbers of a cache as a whole.
struct cache_stats {
    std::size_t keys = 0;      ///< requests that it knows now
    std::uint64_t evicted = 0; ///< keys that had to make room
    token_stats tokens;        ///< of all keys together, those that are gone included
};

/// A token source for each of many requests: a gateway that exchanges the tokens of its users, or a service
/// that needs many scopes. One exchange a key, whoever waits; see `token_source` for what holds of each.
///
/// Requests are the same when they would give the same token: grant, scopes in any order, parameters, client
/// authentication, the subject token or the supplier (the object, not what it supplies), the actor. As a key
/// stands a digest (HMAC-SHA-256 with a random key of the cache's own), never a token.
///
/// A token is refreshed in the background when it is asked for late in its life; one that nobody asks for
/// lapses. The cache has no timer while nobody waits.
///
/// Thread-safety, lifetime and fork: as of `token_source`.
class EQUINIX_STS_DECL token_cache {
public:
    /// The digest of a request, made once for one that is asked for often. Good for its cache alone.
    class key {
    public:
        friend bool operator==(key const&, key const&) = default;

    private:
        friend class token_cache;
        key() = default;
        std::array<std::uint64_t, 2> digest_{};
    };

    /// \throws sts::error of kind `config`, naming the option and what to do.
    explicit token_cache(client client, cache_options options = cache_options());

    /// The key of a request. Throws `std::bad_alloc`.
    key key_of(exchange_request const& request) const;

    /// The token, or null when the cache has no valid one, see `token_source::peek`. Never fails.
    std::shared_ptr<token const> peek(key const& of) const noexcept;

    /// The token, see `token_source::get`. Of a request that is there already nothing is kept.
    boost::asio::awaitable<std::shared_ptr<token const>> get(exchange_request request) const;

    /// The same without an exception, see `client::try_exchange`.
    boost::asio::awaitable<result<std::shared_ptr<token const>>> try_get(exchange_request request) const;

    /// The same with a key that was made from the request.
    boost::asio::awaitable<std::shared_ptr<token const>> get(key of, exchange_request request) const;

    /// The same without an exception, see `client::try_exchange`.
    boost::asio::awaitable<result<std::shared_ptr<token const>>> try_get(key of,
                                                                         exchange_request request) const;

    /// See `token_source::invalidate`.
    void invalidate(key const& of, token const& refused) const noexcept;

    /// Forgets a key and its token, for a user who has left: an exchange in the background is cancelled, and
    /// what it brings all the same is not kept. Nothing when somebody waits for it.
    void erase(key const& of) const noexcept;

    /// What the cache has done. Takes short locks, key by key. Fails only for want of memory.
    cache_stats stats() const;

    /// The same of one key; nothing when it is not there.
    std::optional<token_stats> stats(key const& of) const;

    /// See `token_source::shutdown`.
    boost::asio::awaitable<void> shutdown() const;

    /// See `token_source::close`.
    void close() const noexcept;

private:
    class handle;
    std::shared_ptr<handle> handle_;
};

} // namespace equinix::sts
