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
    BOOST_ASSERT(
        (idle_.empty() && roomy_.empty()) ||
        std::all_of(waiting_.begin(), waiting_.end(), [](pool_waiter const& one) { return one.fresh_only; }));
    BOOST_ASSERT(unserved_ <= waiting_.size());
    BOOST_ASSERT(failed_waits_ == 0 || opening_ != 0 || open() < limits_.max_connections);
}

bool pool_core::expired(pool_slot const& slot, base::clock::time_point now) const noexcept {
    return now >= expiry(slot);
}

/// Whether it may be given to no further exchange.
bool pool_core::is_used_up(pool_slot const& slot, base::clock::time_point now) const noexcept {
    return slot.drains || now >= base::after(slot.born, limits_.max_age) ||
           (limits_.max_uses != 0 && slot.uses >= limits_.max_uses);
}

/// A connection that many share and that was opened for waiters is as fresh for each of them.
bool pool_core::may_serve(pool_slot const& slot, pool_waiter const& waiter) const noexcept {
    return !waiter.fresh_only || slot.uses == 0 || (slot.shared && slot.born >= waiter.since);
}

void pool_core::lease(pool_slot& slot, base::clock::time_point now) noexcept {
    BOOST_ASSERT(!slot.is_linked() && slot.in_use < slot.capacity && !slot.drains);
    bool const is_new = slot.shared && slot.born == now; // for all who share it
    slot.reused = slot.is == pool_slot::state::idle || (slot.uses != 0 && !is_new);
    if (slot.is != pool_slot::state::leased) ++leased_;
    slot.is = pool_slot::state::leased;
    ++slot.in_use;
    ++slot.uses;
    if (uses_by_peer_ != 0 && slot.shared) plan_successor(slot);
}

/// The slot may soon be one that its peer ends.
void pool_core::plan_successor(pool_slot const& slot) noexcept {
    if (slot.uses > uses_by_peer_ + slot.capacity) uses_by_peer_ = 0; // this one was not ended
    bool const has_others = !idle_.empty() || !roomy_.empty() || opening_ != 0 || extra_ != 0;
    if (slot.uses == uses_by_peer_ - uses_by_peer_ / 4 && !has_others) ++extra_;
}

/// Puts a slot where it belongs after it has served or been opened: it is given to those that wait, for as
/// long as it has room.
void pool_core::serve(pool_slot& slot, base::clock::time_point now, plan& out) {
    BOOST_ASSERT(!slot.is_linked());
    auto waiter = waiting_.begin();
    while (slot.in_use < slot.capacity && !is_used_up(slot, now)) {
        waiter = std::find_if(waiter, waiting_.end(), [&](auto& one) { return may_serve(slot, one); });
        if (waiter == waiting_.end()) break;
        auto& served = *waiter++;
        dequeue(served);
        lease(slot, now);
        hand(slot, served, out);
    }
    if (slot.in_use == 0) return;
    slot.is_full = slot.shared && slot.in_use >= slot.capacity && !slot.drains;
    if (slot.is_full)
        full_.push_back(slot);
    else if (slot.in_use < slot.capacity && !is_used_up(slot, now))
        roomy_.push_back(slot);
}

/// Serves a waiter by a connection that serves others, too.
bool pool_core::take_room(pool_waiter& waiter, base::clock::time_point now, plan& out) {
    while (!roomy_.empty()) {
        auto& slot = roomy_.back();
        roomy_.pop_back();
        if (is_used_up(slot, now)) continue;
        lease(slot, now);
        hand(slot, waiter, out);
        serve(slot, now, out);
        return true;
    }
    return false;
}

void pool_core::leave_lists(pool_slot& slot) noexcept {
    if (!slot.is_linked()) return;
    auto& all = slot.is == pool_slot::state::idle ? idle_ : slot.is_full ? full_ : roomy_;
    all.erase(all.iterator_to(slot));
    slot.is_full = false;
}

bool pool_core::acquire(pool_waiter& waiter, base::clock::time_point now, plan& out, bool front) {
    BOOST_ASSERT(!waiter.queued && !waiter.is_linked());
    waiter.since = now;
    if (!waiter.fresh_only && take_room(waiter, now, out)) {
        open_more(now, out);
        check();
        return true;
    }
    while (!waiter.fresh_only && !idle_.empty()) {
        auto& slot = idle_.back();
        idle_.pop_back();
        if (expired(slot, now)) {
            slot.is = pool_slot::state::unknown;
            out.drop.push_back(slot);
            continue;
        }
        lease(slot, now);
        hand(slot, waiter, out);
        serve(slot, now, out);
        open_more(now, out);
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
    BOOST_ASSERT(opening_ != 0 && slot.is == pool_slot::state::unknown && slot.capacity != 0);
    --opening_;
    failed_waits_ = 0;
    slot.born = now;
    slot.uses = 0;
    slot.in_use = 0;
    slot.shared = slot.shared || slot.capacity > 1;
    served_by_one_ = slot.capacity;
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
    BOOST_ASSERT(leased_ != 0 && slot.is == pool_slot::state::leased && slot.in_use != 0);
    leave_lists(slot);
    --slot.in_use;
    if (!slot.suspect && slot.uses == 1)
        while (!idle_.empty() && idle_.front().suspect)
            drop_oldest(out);
    if (slot.in_use != 0) {
        serve(slot, now, out);
    } else {
        left(slot);
        slot.idle_since = now;
        // A waiter that may not have this slot, and for which there is no room for another one, would wait
        // for ever.
        bool const in_the_way = !waiting_.empty() && !may_serve(slot, waiting_.front()) && opening_ == 0 &&
                                openings_wanted(now) != 0 && open() + 1 >= limits_.max_connections;
        if (in_the_way || is_used_up(slot, now))
            out.drop.push_back(slot);
        else
            offer(slot, now, out);
    }
    open_more(now, out);
    check();
}

void pool_core::capacity_changed(pool_slot& slot, std::size_t capacity, base::clock::time_point now,
                                 plan& out) {
    BOOST_ASSERT(capacity != 0);
    if (capacity == slot.capacity) return;
    slot.capacity = capacity;
    slot.shared = true;
    served_by_one_ = capacity;
    if (slot.is == pool_slot::state::leased) {
        leave_lists(slot);
        serve(slot, now, out);
    }
    open_more(now, out);
    check();
}

void pool_core::drained(pool_slot& slot, base::clock::time_point now, plan& out) {
    bool const rests = slot.is == pool_slot::state::idle;
    drain(slot);
    if (rests) {
        slot.is = pool_slot::state::unknown;
        out.drop.push_back(slot);
    }
    open_more(now, out);
    check();
}

void pool_core::peer_ends(pool_slot const& slot) noexcept {
    if (slot.uses >= least_learned) uses_by_peer_ = slot.uses;
}

void pool_core::drain(pool_slot& slot) noexcept {
    leave_lists(slot);
    slot.drains = true;
}

void pool_core::lost(pool_slot& slot, base::clock::time_point now, plan& out) {
    leave_lists(slot);
    if (slot.is == pool_slot::state::leased) left(slot);
    slot.in_use = 0;
    slot.is = pool_slot::state::unknown;
    open_more(now, out);
    check();
}

/// The slot is leased no longer.
void pool_core::left(pool_slot& slot) noexcept {
    BOOST_ASSERT(leased_ != 0);
    --leased_;
    slot.is = pool_slot::state::unknown;
    if (making_way_ == &slot) making_way_ = nullptr;
}

/// Those that wait need a fresh connection, for which there is no room, and the connections that others share
/// may never be without an exchange: one of them takes no further one.
void pool_core::make_way() noexcept {
    if (opening_ != 0 || making_way_ != nullptr || !waiting_.front().fresh_only) return;
    auto& among = full_.empty() ? roomy_ : full_;
    if (among.empty()) return;
    making_way_ = &among.front();
    drain(among.front());
}

/// A slot that carries nothing serves those that wait, or rests.
void pool_core::offer(pool_slot& slot, base::clock::time_point now, plan& out) {
    BOOST_ASSERT(slot.in_use == 0 && slot.is == pool_slot::state::unknown);
    serve(slot, now, out);
    if (slot.in_use != 0) return;
    slot.is = pool_slot::state::idle;
    // Another thread may have read its clock later and have been here before.
    slot.idle_since = idle_.empty() ? now : std::max(now, idle_.back().idle_since);
    if (slot.suspect)
        idle_.push_front(slot);
    else
        idle_.push_back(slot);
}

void pool_core::hand(pool_slot& slot, pool_waiter& waiter, plan& out) noexcept {
    waiter.unserved = false;
    waiter.reused = slot.reused;
    waiter.slot = &slot;
    out.to.push_back(waiter);
}

std::size_t pool_core::openings_wanted(base::clock::time_point now) const noexcept {
    auto served = waiting_.size();
    if (served == 0) return 0;
    if (failed_waits_ != 0) {
        auto const newcomers = leased_ != 0 ? fresh_arrivals_ : waiting_.size() - unserved_;
        served = std::min(newcomers + (now >= open_again_at_ ? 1 : 0), waiting_.size());
    }
    if (served_by_one_ == 0) return std::min<std::size_t>(served, 1);
    return served / served_by_one_ + (served % served_by_one_ != 0 ? 1 : 0);
}

void pool_core::open_more(base::clock::time_point now, plan& out) noexcept {
    while (opening_ < limits_.max_opening) {
        bool const wanted = opening_ < openings_wanted(now);
        if (!wanted && extra_ == 0) return;
        if (open() + opening_ >= limits_.max_connections) {
            if (!wanted) extra_ = 0;
            // Idle slots and waiters at once: the waiters need a fresh connection, and the oldest slot makes
            // room for it.
            if (wanted && idle_.empty()) make_way();
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
    auto const is_there = [&](pool_slot const& one) { return one.address == address; };
    drop_idle_if(is_there, out);
    drain_if(is_there);
}

template <class Predicate>
void pool_core::drain_if(Predicate matches) noexcept {
    for (auto* const all : {&roomy_, &full_}) {
        for (auto slot = all->begin(); slot != all->end();) {
            auto& current = *slot++;
            if (matches(current)) drain(current);
        }
    }
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
    drain_if([](pool_slot const&) { return true; });
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
