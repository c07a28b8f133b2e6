// Which keys a token cache has, and which one is evicted when it is full. Bookkeeping only, without a clock
// or a lock.
//
// Vocabulary
//   key     the digest of what makes two requests equal
//   shard   a part of the keys, by their digests; each has a table of its own
//   idle    has no waiters and nothing in progress, so it may be evicted
//
// Invariants
//   there are at most `max_keys` keys
//   every key is in the table of its shard and in the order of arrival
//   a key is in the order of ends if and only if it is idle
//
// The idle key to be evicted is one whose token has expired, the earliest first, or else the one that SIEVE
// finds (Zhang et al., NSDI 2024): a hand goes from the oldest key to the newest, again and again, and takes
// the first that was not used since it last passed by. So a hit moves nothing.
//
// `find` only reads: it may run beside others of its kind, but not beside what changes the same shard, which
// are `reserve`, `add`, `remove` and `clear`.
#pragma once

#include "base/keyed_digest.hpp"
#include "base/saturating.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <boost/intrusive/unordered_set.hpp>

#include <array>
#include <cstddef>
#include <vector>

namespace equinix::sts::core {

struct in_order_of_arrival;
struct in_order_of_end;
using arrival_hook = boost::intrusive::list_base_hook<boost::intrusive::tag<in_order_of_arrival>>;
using end_hook = boost::intrusive::set_base_hook<boost::intrusive::tag<in_order_of_end>,
                                                 boost::intrusive::optimize_size<true>>;

/// A key, as the cache sees it. Its owner keeps it alive while it is in the cache.
struct cache_key : boost::intrusive::unordered_set_base_hook<>, arrival_hook, end_hook {
    using digest = base::keyed_digest::value;

    explicit cache_key(digest const& name) : key(name) {}
    cache_key(cache_key const&) = delete;
    cache_key& operator=(cache_key const&) = delete;

    digest const key;
    base::clock::time_point end =
        base::clock::time_point::min(); ///< when its token expires, while it is idle
    bool idle = false;

protected:
    ~cache_key() = default;
};

class cache_core {
public:
    using digest = cache_key::digest;

    static constexpr std::size_t shards = 16;

    explicit cache_core(std::size_t max_keys);
    ~cache_core();
    cache_core(cache_core const&) = delete;
    cache_core& operator=(cache_core const&) = delete;

    /// The number of the shard that has this key, if there is such a key.
    static std::size_t shard_of(digest const& key) noexcept { return key[1] % shards; }

    /// Null when it is not in the cache.
    cache_key* find(digest const& key) const noexcept;

    /// Whether a key must be removed before another is added.
    bool is_full() const noexcept { return arrived_.size() >= max_keys_; }

    /// Grows the table of a key's shard for one more key, so that `add` needs no memory. Throws
    /// `std::bad_alloc`.
    void reserve(digest const& key);

    /// Adds a key that is not in the cache yet; it is busy. To be called after `reserve`.
    void add(cache_key& one) noexcept;

    /// Removes the key.
    void remove(cache_key& one) noexcept;

    /// The key may be evicted from now on. Its token expires at `end`; the smallest time point if it has
    /// none.
    void idle(cache_key& one, base::clock::time_point end) noexcept;
    void busy(cache_key& one) noexcept;

    /// The next key to be evicted; null when all are busy. `was_used(key)` tells whether the key was used
    /// since that was asked last.
    template <class Function>
    cache_key* first_to_go(base::clock::time_point now, Function was_used) noexcept {
        if (by_end_.empty()) return nullptr;
        if (by_end_.begin()->end <= now) return &*by_end_.begin();
        // Once round to find who was used, and once more for who was used all the same.
        for (auto left = 2 * arrived_.size(); left != 0; --left) {
            if (hand_ == arrived_.end()) hand_ = arrived_.begin();
            auto& one = *hand_;
            if (one.idle && !was_used(one)) return &one;
            ++hand_;
        }
        return &*by_end_.begin(); // used while the hand went round
    }

    std::size_t size() const noexcept { return arrived_.size(); }

    template <class Function>
    void for_each(Function what) {
        for (auto& one : arrived_)
            what(one);
    }

    /// Removes all keys, and passes each to `dispose`.
    template <class Dispose>
    void clear(Dispose dispose) {
        by_end_.clear();
        for (auto& one : tables_)
            one.keys.clear();
        hand_ = arrived_.end();
        arrived_.clear_and_dispose(dispose);
    }

private:
    struct hash {
        std::size_t operator()(digest const& key) const noexcept { return key[0]; } // as good as random
        std::size_t operator()(cache_key const& one) const noexcept { return one.key[0]; }
    };
    struct same {
        bool operator()(digest const& a, cache_key const& b) const noexcept { return a == b.key; }
        bool operator()(cache_key const& a, cache_key const& b) const noexcept { return a.key == b.key; }
    };
    struct earlier_end {
        bool operator()(cache_key const& a, cache_key const& b) const noexcept { return a.end < b.end; }
    };
    using set = boost::intrusive::unordered_set<cache_key, boost::intrusive::hash<hash>,
                                                boost::intrusive::equal<same>,
                                                boost::intrusive::power_2_buckets<true>>;
    using arrival_list = boost::intrusive::list<cache_key, boost::intrusive::base_hook<arrival_hook>>;

    struct table {
        table();

        std::vector<set::bucket_type> buckets;
        set keys;
    };

    void check() const noexcept;
    table& table_of(digest const& key) noexcept { return tables_[shard_of(key)]; }

    std::size_t const max_keys_;
    std::array<table, shards> tables_;
    arrival_list arrived_; // the oldest in front
    arrival_list::iterator hand_ = arrived_.end();
    boost::intrusive::multiset<cache_key, boost::intrusive::base_hook<end_hook>,
                               boost::intrusive::compare<earlier_end>>
        by_end_;
};

} // namespace equinix::sts::core
