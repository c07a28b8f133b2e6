// Which keys a token cache has, and which one goes when there has to be room: bookkeeping alone, without
// clock or lock.
//
// Vocabulary
//   key     the digest of what makes two requests the same
//   idle    nobody waits for it and nothing is under way for it, so that it may go
//
// Invariants
//   there are at most `max_keys` keys
//   an idle key stands in both orders, one that is busy in none
//
// The idle key that goes is one whose token is over, the first to end, or else the one that was used least
// recently.
#pragma once

#include "base/keyed_digest.hpp"
#include "base/saturating.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <boost/intrusive/unordered_set.hpp>

#include <cstddef>
#include <vector>

namespace equinix::sts::core {

/// A key, as the cache sees it. Its owner keeps it alive while it is in.
struct cache_key : boost::intrusive::list_base_hook<boost::intrusive::tag<struct in_order_of_use>>,
                   boost::intrusive::set_base_hook<boost::intrusive::tag<struct in_order_of_end>>,
                   boost::intrusive::unordered_set_base_hook<> {
    using digest = base::keyed_digest::value;

    explicit cache_key(digest const& name) : key(name) {}
    cache_key(cache_key const&) = delete;
    cache_key& operator=(cache_key const&) = delete;

    digest const key;
    base::clock::time_point end = base::clock::time_point::min(); ///< of its token, while it is idle
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

    /// Null when it is not in.
    cache_key* find(digest const& key) noexcept;

    /// Whether one must be taken out before another is added.
    bool is_full() const noexcept { return table_.size() >= max_keys_; }

    /// Makes room for one more in the table, so that `add` needs no memory. Throws `std::bad_alloc`.
    void reserve();

    /// Takes in one that is not in yet; it is busy. After `reserve`.
    void add(cache_key& one) noexcept;

    /// Takes it out.
    void remove(cache_key& one) noexcept;

    /// It may go from now on; its token ends then, or it has none: the smallest time point.
    void idle(cache_key& one, base::clock::time_point end) noexcept;
    void busy(cache_key& one) noexcept;

    /// Somebody has asked for it.
    void used(cache_key& one) noexcept;

    /// The one that goes next; null when all are busy.
    cache_key* first_to_go(base::clock::time_point now) noexcept;

    std::size_t size() const noexcept { return table_.size(); }

    template <class Function>
    void for_each(Function what) {
        for (auto& one : table_)
            what(one);
    }

    /// Takes all out, and gives each to `dispose`.
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
        by_use_; // the least recent in front
    boost::intrusive::multiset<cache_key, boost::intrusive::base_hook<by_end>,
                               boost::intrusive::compare<earlier_end>>
        by_end_;
};

} // namespace equinix::sts::core
