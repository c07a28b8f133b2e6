// Which keys a token cache has, and which one is evicted when it is full. Bookkeeping only, without a clock
// or a lock.
//
// Vocabulary
//   key     the digest of what makes two requests equal
//   idle    has no waiters and nothing in progress, so it may be evicted
//
// Invariants
//   there are at most `max_keys` keys
//   an idle key is in both orders, a busy key in neither
//
// The idle key to be evicted is one whose token has expired, the earliest first, or else the least recently
// used.
#pragma once

#include "base/keyed_digest.hpp"
#include "base/saturating.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <boost/intrusive/unordered_set.hpp>

#include <cstddef>
#include <vector>

namespace equinix::sts::core {

/// A key, as the cache sees it. Its owner keeps it alive while it is in the cache.
struct cache_key : boost::intrusive::list_base_hook<boost::intrusive::tag<struct in_order_of_use>>,
                   boost::intrusive::set_base_hook<boost::intrusive::tag<struct in_order_of_end>>,
                   boost::intrusive::unordered_set_base_hook<> {
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

    explicit cache_core(std::size_t max_keys);
    ~cache_core();
    cache_core(cache_core const&) = delete;
    cache_core& operator=(cache_core const&) = delete;

    /// Null when it is not in the cache.
    cache_key* find(digest const& key) noexcept;

    /// Whether a key must be removed before another is added.
    bool is_full() const noexcept { return table_.size() >= max_keys_; }

    /// Grows the table for one more key, so that `add` needs no memory. Throws `std::bad_alloc`.
    void reserve();

    /// Adds a key that is not in the cache yet; it is busy. To be called after `reserve`.
    void add(cache_key& one) noexcept;

    /// Removes the key.
    void remove(cache_key& one) noexcept;

    /// The key may be evicted from now on. Its token expires at `end`; the smallest time point if it has
    /// none.
    void idle(cache_key& one, base::clock::time_point end) noexcept;
    void busy(cache_key& one) noexcept;

    /// A caller has asked for the key.
    void used(cache_key& one) noexcept;

    /// The next key to be evicted; null when all are busy.
    cache_key* first_to_go(base::clock::time_point now) noexcept;

    std::size_t size() const noexcept { return table_.size(); }

    template <class Function>
    void for_each(Function what) {
        for (auto& one : table_)
            what(one);
    }

    /// Removes all keys, and passes each to `dispose`.
    template <class Dispose>
    void clear(Dispose dispose) {
        by_use_.clear();
        by_end_.clear();
        table_.clear_and_dispose(dispose);
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
    using by_use = boost::intrusive::list_base_hook<boost::intrusive::tag<in_order_of_use>>;
    using by_end = boost::intrusive::set_base_hook<boost::intrusive::tag<in_order_of_end>>;
    using table = boost::intrusive::unordered_set<cache_key, boost::intrusive::hash<hash>,
                                                  boost::intrusive::equal<same>,
                                                  boost::intrusive::power_2_buckets<true>>;

    void check() const noexcept;

    std::size_t const max_keys_;
    std::vector<table::bucket_type> buckets_;
    table table_;
    boost::intrusive::list<cache_key, boost::intrusive::base_hook<by_use>>
        by_use_; // the least recently used in front
    boost::intrusive::multiset<cache_key, boost::intrusive::base_hook<by_end>,
                               boost::intrusive::compare<earlier_end>>
        by_end_;
};

} // namespace equinix::sts::core
