#include "core/pool_core.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace equinix::sts::core {

base::clock::time_point pool_core::expiry(pool_slot const& slot) const noexcept {
    return std::min(base::after(slot.idle_since, limits_.idle_timeout),
                    base::after(slot.born, limits_.max_age));
}

void pool_core::check() const noexcept {
    BOOST_ASSERT(open() + opening_ <= limits_.max_connections);
    BOOST_ASSERT(opening_ <= limits_.max_opening);
    BOOST_ASSERT(idle_.empty() || std::all_of(waiting_.begin(), waiting_.end(),
                                              [](pool_waiter const& one) { return one.fresh_only; }));
}

bool pool_core::expired(pool_slot const& slot, base::clock::time_point now) const noexcept {
    return now >= expiry(slot);
}

void pool_core::lease(pool_slot& slot) noexcept {
    BOOST_ASSERT(slot.is != pool_slot::state::leased && !slot.is_linked());
    slot.reused = slot.is == pool_slot::state::idle || slot.uses != 0;
    slot.is = pool_slot::state::leased;
    ++slot.uses;
    ++leased_;
}

bool pool_core::acquire(pool_waiter& waiter, base::clock::time_point now, plan& out, bool front) {
    BOOST_ASSERT(!waiter.queued && !waiter.is_linked());
    while (!waiter.fresh_only && !idle_.empty()) {
        auto& slot = idle_.back();
        idle_.pop_back();
        if (expired(slot, now)) {
            slot.is = pool_slot::state::unknown;
            out.drop.push_back(slot);
            continue;
        }
        lease(slot);
        hand(slot, waiter, out);
        check();
        return true;
    }
    if (!front && waiting_.size() >= limits_.max_waiters) return false;
    auto at = waiting_.end();
    // Ahead of new waiters, behind those that returned earlier.
    if (front) at = std::find_if(waiting_.begin(), at, [](pool_waiter const& one) { return !one.returned; });
    waiting_.insert(at, waiter);
    waiter.returned = front;
    waiter.queued = true;
    open_more(out);
    waiter.gives_up_at = failures_ + std::max<std::size_t>(opening_, 1);
    check();
    return true;
}

void pool_core::abandon(pool_waiter& waiter) noexcept {
    if (!waiter.queued) return;
    waiting_.erase(waiting_.iterator_to(waiter));
    waiter.queued = false;
}

void pool_core::opened(pool_slot& slot, base::clock::time_point now, plan& out) {
    BOOST_ASSERT(opening_ != 0 && slot.is == pool_slot::state::unknown);
    --opening_;
    held_back_ = false;
    slot.born = now;
    slot.uses = 0;
    offer(slot, now, out);
    open_more(out);
    check();
}

void pool_core::open_failed(plan& out) {
    BOOST_ASSERT(opening_ != 0);
    --opening_;
    ++failures_;
    bool const served_otherwise = leased_ != 0 || !idle_.empty();
    for (auto waiter = waiting_.begin(); waiter != waiting_.end();) {
        auto const current = waiter++;
        if (current->gives_up_at <= failures_ && (current->fresh_only || !served_otherwise))
            fail(current, out);
    }
    // While open connections will return there is no hurry, and each tick tries one connect. Otherwise a
    // server that refuses immediately would be tried again immediately.
    held_back_ = leased_ != 0;
    open_more(out);
    check();
}

void pool_core::returned(pool_slot& slot, base::clock::time_point now, plan& out) {
    BOOST_ASSERT(leased_ != 0 && slot.is == pool_slot::state::leased);
    --leased_;
    slot.is = pool_slot::state::unknown;
    slot.idle_since = now;
    // A waiter that may not have this slot, and for which no connection is being opened, would wait for ever.
    bool const in_the_way = !waiting_.empty() && waiting_.front().fresh_only && opening_ == 0;
    if (in_the_way || expired(slot, now) || (limits_.max_uses != 0 && slot.uses >= limits_.max_uses)) {
        out.drop.push_back(slot);
    } else {
        offer(slot, now, out);
    }
    open_more(out);
    check();
}

void pool_core::lost(pool_slot& slot, plan& out) {
    if (slot.is == pool_slot::state::idle) idle_.erase(idle_.iterator_to(slot));
    if (slot.is == pool_slot::state::leased) {
        BOOST_ASSERT(leased_ != 0);
        --leased_;
    }
    slot.is = pool_slot::state::unknown;
    open_more(out);
    check();
}

void pool_core::offer(pool_slot& slot, base::clock::time_point now, plan& out) {
    auto const served = std::find_if(waiting_.begin(), waiting_.end(), [&](pool_waiter const& waiter) {
        return slot.uses == 0 || !waiter.fresh_only;
    });
    if (served == waiting_.end()) {
        slot.is = pool_slot::state::idle;
        // Another thread may have read its clock later and have been here before.
        slot.idle_since = idle_.empty() ? now : std::max(now, idle_.back().idle_since);
        idle_.push_back(slot);
        return;
    }
    auto& waiter = *served;
    waiting_.erase(served);
    waiter.queued = false;
    lease(slot);
    hand(slot, waiter, out);
}

void pool_core::hand(pool_slot& slot, pool_waiter& waiter, plan& out) noexcept {
    BOOST_ASSERT(out.to == nullptr && out.slot == nullptr); // one per event
    out.to = &waiter;
    out.slot = &slot;
}

void pool_core::open_more(plan& out, bool probe) noexcept {
    while (opening_ < limits_.max_opening) {
        if (held_back_ && leased_ != 0 && (!probe || opening_ != 0)) return;
        bool const wanted = opening_ < waiting_.size();
        if (!wanted && extra_ == 0) return;
        if (open() + opening_ >= limits_.max_connections) {
            if (!wanted) extra_ = 0;
            // Idle slots and waiters at once: the waiters need a fresh connection, and the oldest slot makes
            // room for it.
            if (!wanted || idle_.empty()) return;
            drop_oldest(out);
        }
        if (!wanted) --extra_;
        ++opening_;
        ++out.open;
    }
}

void pool_core::open_wasted(plan& out) {
    BOOST_ASSERT(opening_ != 0);
    --opening_;
    open_more(out);
    check();
}

void pool_core::warm_up(std::size_t connections, plan& out) {
    auto const coming = open() + opening_ + extra_;
    if (connections > coming) extra_ += connections - coming;
    open_more(out);
    check();
}

void pool_core::drop_oldest(plan& out) noexcept {
    BOOST_ASSERT(!idle_.empty());
    auto& slot = idle_.front();
    idle_.pop_front();
    slot.is = pool_slot::state::unknown;
    out.drop.push_back(slot);
}

void pool_core::fail(waiters::iterator waiter, plan& out) {
    auto& failed = *waiter;
    BOOST_ASSERT(failed.queued);
    waiting_.erase(waiter);
    failed.queued = false;
    out.fail.push_back(failed);
}

void pool_core::tick(base::clock::time_point now, plan& out) {
    for (auto waiter = waiting_.begin(); waiter != waiting_.end();) {
        auto const current = waiter++;
        if (current->deadline <= now) fail(current, out);
    }
    for (auto slot = idle_.begin(); slot != idle_.end();) {
        auto& current = *slot;
        if (!expired(current, now)) {
            ++slot;
            continue;
        }
        slot = idle_.erase(slot);
        current.is = pool_slot::state::unknown;
        out.drop.push_back(current);
    }
    open_more(out, true);
    check();
}

void pool_core::close(plan& out) {
    extra_ = 0;
    opening_ = 0; // whatever their outcome
    while (!waiting_.empty())
        fail(waiting_.begin(), out);
    drop_idle(out);
}

void pool_core::drop_idle(plan& out) {
    while (!idle_.empty())
        drop_oldest(out);
}

base::clock::time_point pool_core::next_expiry() const noexcept {
    auto next = base::clock::time_point::max();
    for (auto const& slot : idle_)
        next = std::min(next, expiry(slot));
    return next;
}

} // namespace equinix::sts::core
