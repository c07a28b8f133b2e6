#include "core/pool_core.hpp"

#include "base/back_off.hpp"

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
    BOOST_ASSERT(unserved_ <= waiting_.size());
    BOOST_ASSERT(failed_waits_ == 0 || opening_ != 0 || open() < limits_.max_connections);
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
    waiter.returned = front;
    enqueue(at, waiter);
    open_more(now, out);
    waiter.gives_up_at = failures_ + std::max<std::size_t>(opening_, 1);
    check();
    return true;
}

void pool_core::abandon(pool_waiter& waiter) noexcept {
    if (waiter.queued) dequeue(waiter);
}

void pool_core::enqueue(waiters::iterator before, pool_waiter& waiter) noexcept {
    waiting_.insert(before, waiter);
    waiter.queued = true;
    if (waiter.unserved)
        ++unserved_;
    else if (waiter.fresh_only)
        ++fresh_arrivals_;
}

void pool_core::dequeue(pool_waiter& waiter) noexcept {
    BOOST_ASSERT(waiter.queued && (!waiter.unserved || unserved_ != 0));
    waiting_.erase(waiting_.iterator_to(waiter));
    waiter.queued = false;
    if (waiter.unserved)
        --unserved_;
    else if (waiter.fresh_only)
        --fresh_arrivals_;
}

void pool_core::opened(pool_slot& slot, base::clock::time_point now, plan& out) {
    BOOST_ASSERT(opening_ != 0 && slot.is == pool_slot::state::unknown);
    --opening_;
    failed_waits_ = 0;
    slot.born = now;
    slot.uses = 0;
    offer(slot, now, out);
    open_more(now, out);
    check();
}

void pool_core::open_failed(base::clock::time_point now, std::uint32_t random, plan& out) {
    BOOST_ASSERT(opening_ != 0);
    --opening_;
    ++failures_;
    // Those that fail together count once, and an opening for a newcomer is not the one that others wait for.
    out.early = failed_waits_ != 0 && now < open_again_at_;
    if (!out.early)
        open_again_at_ = base::after(
            now, base::half_or_more_of(base::grown(first_wait_, failed_waits_++, longest_wait_), random));
    bool const served_otherwise = leased_ != 0 || !idle_.empty();
    for (auto waiter = waiting_.begin(); waiter != waiting_.end();) {
        auto const current = waiter++;
        if (current->gives_up_at > failures_ || (!current->fresh_only && served_otherwise)) continue;
        if (out.early && current->unserved) continue;
        fail(*current, out);
        current->unserved = true;
    }
    open_more(now, out);
    check();
}

void pool_core::returned(pool_slot& slot, base::clock::time_point now, plan& out) {
    BOOST_ASSERT(leased_ != 0 && slot.is == pool_slot::state::leased);
    --leased_;
    slot.is = pool_slot::state::unknown;
    slot.idle_since = now;
    if (!slot.suspect && slot.uses == 1)
        while (!idle_.empty() && idle_.front().suspect)
            drop_oldest(out);
    // A waiter that may not have this slot, and for which there is no room for another one, would wait for
    // ever.
    bool const in_the_way = !waiting_.empty() && waiting_.front().fresh_only && opening_ == 0 &&
                            openings_wanted(now) != 0 && open() + 1 >= limits_.max_connections;
    if (in_the_way || expired(slot, now) || (limits_.max_uses != 0 && slot.uses >= limits_.max_uses)) {
        out.drop.push_back(slot);
    } else {
        offer(slot, now, out);
    }
    open_more(now, out);
    check();
}

void pool_core::lost(pool_slot& slot, base::clock::time_point now, plan& out) {
    if (slot.is == pool_slot::state::idle) idle_.erase(idle_.iterator_to(slot));
    if (slot.is == pool_slot::state::leased) {
        BOOST_ASSERT(leased_ != 0);
        --leased_;
    }
    slot.is = pool_slot::state::unknown;
    open_more(now, out);
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
        if (slot.suspect)
            idle_.push_front(slot);
        else
            idle_.push_back(slot);
        return;
    }
    auto& waiter = *served;
    dequeue(waiter);
    lease(slot);
    hand(slot, waiter, out);
}

void pool_core::hand(pool_slot& slot, pool_waiter& waiter, plan& out) noexcept {
    BOOST_ASSERT(out.to == nullptr && out.slot == nullptr); // one per event
    waiter.unserved = false;
    out.to = &waiter;
    out.slot = &slot;
}

std::size_t pool_core::openings_wanted(base::clock::time_point now) const noexcept {
    if (failed_waits_ == 0) return waiting_.size();
    auto const newcomers = leased_ != 0 ? fresh_arrivals_ : waiting_.size() - unserved_;
    return std::min(newcomers + (now >= open_again_at_ ? 1 : 0), waiting_.size());
}

void pool_core::open_more(base::clock::time_point now, plan& out) noexcept {
    while (opening_ < limits_.max_opening) {
        bool const wanted = opening_ < openings_wanted(now);
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

void pool_core::open_wasted(base::clock::time_point now, plan& out) {
    BOOST_ASSERT(opening_ != 0);
    --opening_;
    open_more(now, out);
    check();
}

void pool_core::warm_up(std::size_t connections, base::clock::time_point now, plan& out) {
    auto const coming = open() + opening_ + extra_;
    if (connections > coming) extra_ += connections - coming;
    open_more(now, out);
    check();
}

void pool_core::drop_oldest(plan& out) noexcept {
    BOOST_ASSERT(!idle_.empty());
    auto& slot = idle_.front();
    idle_.pop_front();
    slot.is = pool_slot::state::unknown;
    out.drop.push_back(slot);
}

void pool_core::fail(pool_waiter& waiter, plan& out) {
    dequeue(waiter);
    out.fail.push_back(waiter);
}

void pool_core::tick(base::clock::time_point now, plan& out) {
    for (auto waiter = waiting_.begin(); waiter != waiting_.end();) {
        auto const current = waiter++;
        if (current->deadline <= now) fail(*current, out);
    }
    drop_idle_if([&](pool_slot const& slot) { return expired(slot, now); }, out);
    open_more(now, out);
    check();
}

void pool_core::doubt(pool_slot const& slot, plan& out) {
    if (!slot.reused) return;
    drop_idle_if([&](pool_slot const& one) { return one.idle_since <= slot.idle_since; }, out);
}

void pool_core::drop_idle_at(address_bytes const& address, plan& out) {
    drop_idle_if([&](pool_slot const& one) { return one.address == address; }, out);
}

template <class Predicate>
void pool_core::drop_idle_if(Predicate matches, plan& out) {
    for (auto slot = idle_.begin(); slot != idle_.end();) {
        auto& current = *slot++;
        if (!matches(current)) continue;
        idle_.erase(idle_.iterator_to(current));
        current.is = pool_slot::state::unknown;
        out.drop.push_back(current);
    }
}

void pool_core::close(plan& out) {
    extra_ = 0;
    opening_ = 0; // whatever their outcome
    while (!waiting_.empty())
        fail(waiting_.front(), out);
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

base::clock::time_point pool_core::next_opening() const noexcept {
    bool const spaced = failed_waits_ != 0 && opening_ == 0 && !waiting_.empty();
    return spaced ? open_again_at_ : base::clock::time_point::max();
}

} // namespace equinix::sts::core
