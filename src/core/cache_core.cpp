#include "core/cache_core.hpp"

#include <boost/assert.hpp>

namespace equinix::sts::core {

cache_core::cache_core(std::size_t max_keys)
    : max_keys_(max_keys), buckets_(1024), table_(table::bucket_traits(buckets_.data(), buckets_.size())) {}

cache_core::~cache_core() {
    BOOST_ASSERT(table_.empty());
}

void cache_core::check() const noexcept {
    BOOST_ASSERT(table_.size() <= max_keys_);
    BOOST_ASSERT(by_use_.size() == by_end_.size() && by_use_.size() <= table_.size());
}

cache_key* cache_core::find(digest const& key) noexcept {
    auto const at = table_.find(key, hash(), same());
    return at == table_.end() ? nullptr : &*at;
}

void cache_core::reserve() {
    if (table_.size() < buckets_.size()) return;
    std::vector<table::bucket_type> larger(buckets_.size() * 2);
    table_.rehash(table::bucket_traits(larger.data(), larger.size()));
    buckets_.swap(larger);
}

void cache_core::add(cache_key& one) noexcept {
    BOOST_ASSERT(!is_full() && find(one.key) == nullptr && !one.idle);
    table_.insert(one);
    check();
}

void cache_core::remove(cache_key& one) noexcept {
    busy(one);
    table_.erase(table_.iterator_to(one));
    check();
}

void cache_core::idle(cache_key& one, base::clock::time_point end) noexcept {
    if (one.idle) return;
    one.end = end;
    by_use_.push_back(one);
    by_end_.insert(one);
    one.idle = true;
    check();
}

void cache_core::busy(cache_key& one) noexcept {
    if (!one.idle) return;
    by_use_.erase(by_use_.iterator_to(one));
    by_end_.erase(by_end_.iterator_to(one));
    one.idle = false;
    check();
}

void cache_core::used(cache_key& one) noexcept {
    if (one.idle) by_use_.splice(by_use_.end(), by_use_, by_use_.iterator_to(one));
}

cache_key* cache_core::first_to_go(base::clock::time_point now) noexcept {
    if (by_use_.empty()) return nullptr;
    auto& first_to_end = *by_end_.begin();
    return first_to_end.end <= now ? &first_to_end : &by_use_.front();
}

} // namespace equinix::sts::core
