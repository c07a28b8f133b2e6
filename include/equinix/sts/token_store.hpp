/// \file
/// A store in which many processes share their tokens.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/error.hpp>
#include <equinix/sts/secret.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace equinix::sts {

/// What a store has under a name.
struct stored_record {
    stored_record() = default;

    /// The record, as `token_store::swap` wrote it. Absent if there is none.
    std::optional<std::string> bytes;

    /// The remaining lifetime of the record. Absent if there is no record, or if it does not expire.
    std::optional<std::chrono::milliseconds> left;

    /// The store's own time at this moment, since an epoch that is the same for all users of the store and
    /// never changes. Only differences count.
    std::chrono::milliseconds time{};
};

/// The result of `token_store::acquire`.
struct store_lease {
    store_lease() = default;

    /// Whether the caller holds the lease now.
    bool won = false;

    /// If not: how long the lease of its holder lasts unless the holder renews it. Zero or negative if the
    /// holder has not renewed it in time, but the store cannot give it to another.
    std::chrono::milliseconds left{};

    /// If not: the `owner` that holds the lease. Empty if the store does not know it.
    std::string holder;

    /// What the store has under the name, at the same moment.
    stored_record now;
};

/// How long a store may take.
struct store_bounds {
    store_bounds() = default;

    /// The bound on one command over an open connection. Default 100 ms; positive, at most 1 min.
    std::chrono::nanoseconds command = std::chrono::milliseconds(100);

    /// The bound on opening a connection: name, TCP, TLS and authentication together. Default 250 ms;
    /// positive, at most 1 min.
    std::chrono::nanoseconds connect = std::chrono::milliseconds(250);
};

/// Keeps records for many processes, for a limited time, and gives leases. A record is a sequence of bytes
/// that this library has sealed, so a store can neither read a token nor make one. Implement this interface
/// for a store of your own; `testing::check_store` checks an implementation.
///
/// A name is 1 to 64 letters, digits, `-` and `_`, and so is an owner. A record is at most 256 KiB.
///
/// Failures are results, not exceptions: an `error_info` with phase `store`, of kind `timeout` if the store
/// may or may not have done what was asked. Each function may be called again with the same arguments after
/// any failure: doing it twice has the same effect as doing it once. An exception that is thrown
/// nevertheless counts as a failure of kind `config`; its text is not shown.
///
/// Thread-safety: coroutines on any number of threads may call any function at any time. Each coroutine is
/// on a strand if several threads run its executor.
///
/// Cancellation: any type may end a call, with kind `canceled`. The caller waits at most for the sum of the
/// bounds; a coroutine that takes longer is cancelled and its result ignored.
class EQUINIX_STS_DECL token_store {
public:
    token_store() = default;
    token_store(token_store const&) = delete;
    token_store& operator=(token_store const&) = delete;
    virtual ~token_store();

    /// Returns what is stored under `name`.
    virtual boost::asio::awaitable<result<stored_record>> look(std::string name, store_bounds within) = 0;

    /// If exactly `expected` is stored under `name` (absent: nothing), stores `desired` there for `life`
    /// (absent: removes it), as one step that no other caller can interrupt. Returns whether `desired` is
    /// what is stored now, even if an earlier call has stored it. `life` is positive.
    virtual boost::asio::awaitable<result<bool>> swap(std::string name, std::optional<std::string> expected,
                                                      std::optional<std::string> desired,
                                                      std::chrono::milliseconds life,
                                                      store_bounds within) = 0;

    /// Gives the lease of `name` to `owner` for `life` if no other owner holds it; again if `owner` holds it
    /// already. The record of a name and its lease are independent of each other.
    virtual boost::asio::awaitable<result<store_lease>>
    acquire(std::string name, std::string owner, std::chrono::milliseconds life, store_bounds within) = 0;

    /// Extends the lease to `life` from now if `owner` holds it. Returns whether it does.
    virtual boost::asio::awaitable<result<bool>>
    renew(std::string name, std::string owner, std::chrono::milliseconds life, store_bounds within) = 0;

    /// Ends the lease if `owner` holds it. Returns whether it did.
    virtual boost::asio::awaitable<result<bool>> release(std::string name, std::string owner,
                                                         store_bounds within) = 0;

    /// Returns a name for messages, as in `directory /var/cache/tokens`. Must not contain a secret.
    virtual std::string describe() const = 0;

    /// Returns keys for `store_options::keys` if the options have none. Default: none. The constructor of a
    /// source or cache calls it, and throws what it throws.
    virtual std::vector<secret> keys() const;
};

/// Whether and how the tokens of a source or a cache are shared through a store. Set members on a named
/// object. The source or cache checks them on construction and throws `sts::error` of kind `config`, which
/// names the member.
///
/// A token is still served from memory, at the same cost. The store is asked before an exchange: for a first
/// token, and for a refresh. If it has a token that is good enough, there is no exchange. Otherwise one
/// process makes the exchange while the others wait for its result, for as long as it shows signs of life and
/// at most until half to three quarters of the time to their deadline have passed; then they exchange too.
///
/// Once the source or cache exists, a store that fails costs callers at most 600 ms, counted from the
/// command that fails, and never an error: each process then makes its own exchange. After three
/// consecutive failures, the store is not used for 1 to 30 s.
///
/// A token without a lifetime is not shared, nor is the failure of a service that does not answer. A
/// permanent refusal is shared for one second. The time for which the service asks clients to wait
/// (`Retry-After`) is shared, too.
struct store_options {
    store_options() = default;

    /// The store. Default: none; then nothing is shared. May be used by any number of sources and caches.
    std::shared_ptr<token_store> store;

    /// The keys that seal the records: at most 8, each of at least 32 random bytes. The first key seals;
    /// all of them open. Default: none; then those of the store (`token_store::keys`), which only
    /// `file_store` has.
    ///
    /// Change a key in three steps, each deployed everywhere before the next: `{old, new}`, `{new, old}`,
    /// `{new}`.
    std::vector<secret> keys;

    /// Separates users of the same store and keys: tokens are shared only within a namespace. At most 1,024
    /// bytes. Default: empty.
    std::string name_space;

    /// Stands for the subject of a source's request if its supplier returns another token of the same
    /// subject each time. All processes with the same identity get the same token, so it must name one
    /// principal, as in `payments@production`. At most 1,024 bytes. Required for a source whose request has
    /// a supplier. In the key of any other request, it takes the place of the subject token; client
    /// credentials need none. Not for a cache, whose requests must have subject tokens. These are compared
    /// as a whole, because their claims are not verified. Default: empty.
    std::string identity;

    /// How long the store may take.
    store_bounds bounds;

    /// The lifetime of the lease that a process holds while it makes an exchange. The process renews the
    /// lease after each third of this time. If the process dies, another takes its place after at most this
    /// time. Default 1.5 s; at least 300 ms, at most 10 min.
    std::chrono::milliseconds lease_life = std::chrono::milliseconds(1500);
};

/// What a source or a cache has seen of its store. Counters never decrease.
struct store_stats {
    std::uint64_t hits = 0;               ///< tokens that came from the store
    std::uint64_t misses = 0;             ///< look-ups that found no token that is good enough
    std::uint64_t leases_won = 0;         ///< leases acquired
    std::uint64_t leases_awaited = 0;     ///< waits for another process's exchange
    std::uint64_t unopened = 0;           ///< records that did not open; each was ignored
    std::uint64_t written = 0;            ///< tokens written to the store
    std::uint64_t unshared = 0;           ///< exchanges and tokens bound to a key or certificate
    std::uint64_t failures = 0;           ///< commands that failed
    std::uint64_t breaker_opened = 0;     ///< how often the store was given up for a while
    std::optional<error_info> last_error; ///< of the last command that failed, until a later one succeeds
};

} // namespace equinix::sts
