// Events for the pool's bookkeeping in any order, beside a model that knows what each of them may lead to.
#pragma once

#include "core/pool_core.hpp"
#include "support/byte_source.hpp"
#include "support/pool_core.hpp"

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <vector>

namespace test {

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;

/// Throws when the pool breaks a rule: a waiter that is lost or served twice or out of its turn, a connection
/// that more have than it carries, or that is handed out used, too old or too often when it must not be, a
/// count or a limit that is wrong.
class pool_events {
public:
    /// With a `most_carried` above 1 connections carry up to so many exchanges at a time.
    pool_events(equinix::sts::pool_options const& limits, byte_source& choices, std::size_t most_carried = 1)
        : limits_(limits), choose_(choices), most_carried_(most_carried),
          pool_(limits, equinix::sts::retry_options(), most_carried == 1) {}
    pool_events(pool_events const&) = delete;
    pool_events& operator=(pool_events const&) = delete;
    ~pool_events() { empty(pool_); }

    /// Ends with the pool's close.
    void run() {
        while (!choose_.empty())
            step();
        close();
        require(begun_ == served_ + failed_ + left_, "a waiter was lost");
    }

private:
    using plan = core::pool_core::plan;
    using seconds = std::chrono::seconds;

    void step() {
        now_ += std::chrono::milliseconds(choose_.byte() * 20);
        switch (choose_.below(most_carried_ == 1 ? 14 : 16)) {
        case 0:
        case 1:
        case 2:
            return acquire(false);
        case 3:
            return acquire(true);
        case 4:
            return abandon();
        case 5:
        case 6:
            return opened();
        case 7:
            return open_ended(choose_.one_in(4));
        case 8:
        case 9:
            return returned();
        case 10:
            return lost();
        case 11:
            return tick();
        case 12:
            return warm_up();
        case 14:
            return capacity_changed();
        case 15:
            return drained();
        default:
            return choose_.one_in(8) ? close() : drop_idle();
        }
    }

    void acquire(bool front) {
        auto& waiter = waiters_.emplace_back();
        waiter.deadline = now_ + seconds(1 + choose_.below(60));
        waiter.fresh_only = choose_.one_in(8);
        plan then;
        bool const full = queue_.size() >= limits_.max_waiters;
        ++begun_;
        if (!pool_.acquire(waiter, now_, then, front)) {
            require(full && !front, "a waiter was refused while there was room");
            require(then.to.empty() && then.open == 0, "something is planned for a waiter that was refused");
            ++left_;
        } else if (then.to.empty()) {
            require(!full || front, "more wait than may");
            require(waiter.queued, "a waiter is neither served nor queued");
            auto const at =
                front ? std::find_if(queue_.begin(), queue_.end(), [](auto* one) { return !one->returned; })
                      : queue_.end();
            queue_.insert(at, &waiter);
        } else {
            require(&then.to.front() == &waiter, "the connection went to another one than who asked");
            require(waiter.slot->is == core::pool_slot::state::leased,
                    "a connection was handed out that is not leased");
            queue_.push_back(&waiter); // where carry_out() takes it from
        }
        carry_out(then, handing::by_acquire);
    }

    void abandon() {
        if (queue_.empty()) return;
        auto const at = std::next(queue_.begin(), static_cast<long>(choose_.below(queue_.size())));
        pool_.abandon(**at);
        require(!(*at)->queued, "who has left is still queued");
        pool_.abandon(**at); // a second time does nothing
        queue_.erase(at);
        ++left_;
        check();
    }

    void opened() {
        if (opening_ == 0) return;
        --opening_;
        auto& slot = slots_.emplace_back();
        slot.capacity = 1 + choose_.below(most_carried_);
        lives_[&slot].born = now_;
        is_known_ = true;
        plan then;
        pool_.opened(slot, now_, then);
        arrived(slot, then);
    }

    void open_ended(bool wasted) {
        if (opening_ == 0) return;
        --opening_;
        plan then;
        if (wasted)
            pool_.open_wasted(now_, then);
        else
            pool_.open_failed(now_, choose_.byte() << 24U, then);
        require(then.to.empty(), "a connection was handed out where none was opened");
        carry_out(then, handing::by_arrival);
    }

    void returned() {
        if (leased_.empty()) return;
        auto& slot = *leased_[choose_.below(leased_.size())];
        auto& carried = lives_[&slot].carries;
        if (--carried == 0) take(leased_, &slot);
        plan then;
        pool_.returned(slot, now_, then);
        if (carried == 0) return arrived(slot, then);
        require_only(slot, then);
        carry_out(then, handing::by_arrival);
    }

    /// A connection has become free: it is handed on, idle, or dropped.
    void arrived(core::pool_slot& slot, plan& then) {
        require_only(slot, then);
        idle_.push_back(&slot); // where carry_out() takes it from
        carry_out(then, handing::by_arrival);
        if (slot.is == core::pool_slot::state::idle) lives_[&slot].rests_since = now_;
    }

    static void require_only(core::pool_slot& slot, plan& then) {
        for (auto const& one : then.to)
            require(one.slot == &slot, "another connection was handed out than that which came");
    }

    void capacity_changed() {
        auto* const slot = any_open();
        if (slot == nullptr) return;
        plan then;
        pool_.capacity_changed(*slot, 1 + choose_.below(most_carried_), now_, then);
        require_only(*slot, then);
        carry_out(then, handing::by_arrival);
    }

    void drained() {
        auto* const slot = any_open();
        if (slot == nullptr) return;
        plan then;
        pool_.drained(*slot, now_, then);
        require(then.to.empty(), "a connection was handed out that takes no more");
        carry_out(then, handing::by_arrival);
        require(slot->is != core::pool_slot::state::idle, "a connection rests that takes no more");
    }

    core::pool_slot* any_open() {
        auto& from = idle_.empty() || (!leased_.empty() && choose_.one_in(2)) ? leased_ : idle_;
        return from.empty() ? nullptr : from[choose_.below(from.size())];
    }

    void lost() {
        plan then;
        if (!idle_.empty() && choose_.one_in(2)) {
            pool_.lost(take_any(idle_), now_, then);
        } else if (!leased_.empty()) {
            auto& slot = take_any(leased_);
            lives_[&slot].carries = 0;
            pool_.lost(slot, now_, then);
        }
        require(then.to.empty(), "a lost connection was handed out");
        carry_out(then, handing::by_arrival);
    }

    void tick() {
        plan then;
        pool_.tick(now_, then);
        require(then.to.empty(), "time alone handed a connection out");
        carry_out(then, handing::by_arrival);
        for (auto* const waiter : queue_)
            require(waiter->deadline > now_, "one waits beyond its deadline");
        require(pool_.next_expiry() > now_, "a connection that is too old is kept");
    }

    void warm_up() {
        if (choose_.one_in(4)) return pool_.stop_warming();
        plan then;
        warmed_ = true;
        pool_.warm_up(choose_.below(2 * limits_.max_connections), now_, then);
        carry_out(then, handing::by_arrival);
    }

    void drop_idle() {
        plan then;
        pool_.drop_idle(then);
        carry_out(then, handing::by_arrival);
        require(pool_.idle() == 0, "an idle connection was kept");
    }

    void close() {
        plan then;
        pool_.close(then);
        opening_ = 0;
        require(then.open == 0, "a closed pool opens a connection");
        carry_out(then, handing::by_arrival);
        require(queue_.empty() && pool_.idle() == 0, "a closed pool keeps something");
    }

    enum class handing { by_acquire, by_arrival };

    void carry_out(plan& then, handing how) {
        while (!then.to.empty()) {
            auto& to = then.to.front();
            auto& slot = *to.slot;
            then.to.pop_front();
            auto const at = std::find(queue_.begin(), queue_.end(), &to);
            require(at != queue_.end(), "a connection went to one who does not wait");
            if (how == handing::by_arrival)
                require(std::all_of(queue_.begin(), at,
                                    [&](auto* earlier) { return earlier->fresh_only && slot.reused; }),
                        "one was served before its turn");
            queue_.erase(at);
            auto& life = lives_[&slot];
            if (life.carries == 0) {
                require(take(idle_, &slot), "a connection was handed out that is not free");
                leased_.push_back(&slot);
            }
            require(life.carries < slot.capacity, "a connection carries more than it may");
            ++life.carries;
            handed_out(to, slot);
            ++served_;
        }
        while (!then.drop.empty()) {
            auto& slot = then.drop.front();
            then.drop.pop_front();
            require(take(idle_, &slot), "a connection was dropped that is not idle");
            require(slot.is == core::pool_slot::state::unknown, "a dropped connection still has a state");
        }
        while (!then.fail.empty()) {
            auto& waiter = then.fail.front();
            then.fail.pop_front();
            auto const at = std::find(queue_.begin(), queue_.end(), &waiter);
            require(at != queue_.end() && !waiter.queued, "one failed who does not wait");
            queue_.erase(at);
            ++failed_;
        }
        opening_ += then.open;
        for (auto const* const slot : leased_)
            lives_[slot].drains = slot->drains;
        check();
    }

    void handed_out(core::pool_waiter const& to, core::pool_slot const& slot) {
        auto& life = lives_[&slot];
        bool const fresh = !life.rests_since && (life.uses == 0 || (slot.shared && life.born == now_));
        require(to.reused != fresh, "a used connection passes for a fresh one, or the reverse");
        require(fresh || !to.fresh_only || (slot.shared && life.born >= to.since),
                "one who may not have a used connection got one");
        require(!life.drains, "a connection was handed out that takes no more");
        require(now_ < life.born + limits_.max_age, "a connection was handed out that is too old");
        require(!life.rests_since || now_ < *life.rests_since + limits_.idle_timeout,
                "a connection was handed out that was idle for too long");
        require(limits_.max_uses == 0 || life.uses < limits_.max_uses,
                "a connection was handed out too often");
        ++life.uses;
        life.rests_since.reset();
    }

    void check() const {
        require(pool_.idle() == idle_.size(), "the idle connections are miscounted");
        require(pool_.leased() == leased_.size(), "the leased connections are miscounted");
        require(pool_.opening() == opening_, "the connections being opened are miscounted");
        require(pool_.waiting() == queue_.size(), "the waiters are miscounted");
        require(idle_.size() + leased_.size() + opening_ <= limits_.max_connections, "too many connections");
        require(opening_ <= limits_.max_opening, "too many are being opened");
        require(queue_.empty() || opening_ != 0 || !leased_.empty() ||
                    pool_.next_opening() != base::clock::time_point::max(),
                "a waiter waits for nothing");
        bool const any_will_do =
            std::any_of(queue_.begin(), queue_.end(), [](auto* one) { return !one->fresh_only; });
        require(!any_will_do || idle_.empty(), "one waits while a connection is idle");
        require(!any_will_do ||
                    std::none_of(leased_.begin(), leased_.end(), [&](auto* slot) { return has_room(*slot); }),
                "one waits while a connection has room");
        require(is_known_ || warmed_ || opening_ <= 1, "more are opened than may be needed");
    }

    bool has_room(core::pool_slot const& slot) const {
        auto const& life = lives_.at(&slot);
        return life.carries < slot.capacity && !slot.drains && now_ < life.born + limits_.max_age &&
               (limits_.max_uses == 0 || life.uses < limits_.max_uses);
    }

    using slots = std::vector<core::pool_slot*>;

    static bool take(slots& from, core::pool_slot* which) { return std::erase(from, which) == 1; }

    core::pool_slot& take_any(slots& from) {
        auto* const slot = from[choose_.below(from.size())];
        take(from, slot);
        return *slot;
    }

    struct life {
        base::clock::time_point born;
        std::optional<base::clock::time_point> rests_since;
        std::size_t uses = 0;
        std::size_t carries = 0;
        bool drains = false; ///< since an earlier event
    };

    equinix::sts::pool_options limits_;
    byte_source& choose_;
    std::size_t most_carried_;
    bool is_known_ = most_carried_ == 1; ///< what a connection carries
    bool warmed_ = false;
    std::deque<core::pool_waiter> waiters_;
    std::deque<core::pool_slot> slots_;
    std::map<core::pool_slot const*, life> lives_;
    base::clock::time_point now_ = base::clock::time_point() + std::chrono::hours(1000);
    core::pool_core pool_;

    std::list<core::pool_waiter*> queue_; // in the order in which they are to be served
    slots idle_, leased_;
    std::size_t opening_ = 0;
    std::size_t begun_ = 0, served_ = 0, failed_ = 0, left_ = 0;
};

} // namespace test
