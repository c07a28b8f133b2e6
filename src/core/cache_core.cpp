#include "core/cache_core.hpp"

#include <boost/assert.hpp>

#include <iterator>

namespace equinix::sts::core {

cache_core::table::table() : buckets(16), keys(set::bucket_traits(buckets.data(), buckets.size())) {}

cache_core::cache_core(std::size_t max_keys) : max_keys_(max_keys) {}

cache_core::~cache_core() {
    BOOST_ASSERT(arrived_.empty());
}

void cache_core::check() const noexcept {
    BOOST_ASSERT(arrived_.size() <= max_keys_ && by_end_.size() <= arrived_.size());
}

cache_key* cache_core::find(digest const& key) const noexcept {
    auto const& keys = tables_[shard_of(key)].keys;
    auto const at = keys.find(key, hash(), same());
    return at == keys.end() ? nullptr : const_cast<cache_key*>(&*at); // NOLINT: the keys are not the table's
}

void cache_core::reserve(digest const& key) {
    auto& one = table_of(key);
    if (one.keys.size() < one.buckets.size()) return;
    std::vector<set::bucket_type> larger(one.buckets.size() * 2);
    one.keys.rehash(set::bucket_traits(larger.data(), larger.size()));
    one.buckets.swap(larger);
}

void cache_core::add(cache_key& one) noexcept {
    BOOST_ASSERT(!is_full() && find(one.key) == nullptr && !one.idle);
    table_of(one.key).keys.insert(one);
    arrived_.push_back(one);
    check();
}

void cache_core::remove(cache_key& one) noexcept {
    busy(one);
    auto const at = arrived_.iterator_to(one);
    if (hand_ == at) ++hand_;
    arrived_.erase(at);
    auto& keys = table_of(one.key).keys;
    keys.erase(keys.iterator_to(one));
    check();
}

void cache_core::idle(cache_key& one, base::clock::time_point end) noexcept {
    if (one.idle) return;
    one.end = end;
    by_end_.insert(one);
    one.idle = true;
    check();
}

void cache_core::busy(cache_key& one) noexcept {
    if (!one.idle) return;
    by_end_.erase(by_end_.iterator_to(one));
    one.idle = false;
    check();
}

} // namespace equinix::sts::core
