// What the fleet's processes do with a store, as the library's flights do.
#include "fleet/simulation.hpp"

#include <algorithm>
#include <utility>

namespace fleet {

using store_event = core::store_fsm::event;
using store_action = core::store_fsm::action;

namespace {

constexpr auto to_redis = 500us, to_file = 100us; // one way
constexpr auto bound = 350ms;                     // of a command and a connection

} // namespace

shared_store& simulation::store_of(process const& one) {
    return stores_[how_.shared == sharing::redis ? 0 : static_cast<std::size_t>(one.on - machines_.data())];
}

bool simulation::store_is_well() const {
    return std::ranges::none_of(how_.store, [&](trouble const& one) { return one.was_on(now_, a_while); });
}

void simulation::begin_with_store(flight& one) {
    auto& of = process_of(one);
    core::store_fsm::wanted wanted;
    wanted.names = names_;
    wanted.cool_down_name = cool_down_;
    wanted.deadline = one.deadline;
    auto const& its = keys_[one.key];
    if (its.held && its.fsm.holds(stamp(of))) {
        wanted.held = its.held->access_token;
        wanted.served_until = its.fsm.served_until().steady;
    }
    one.owner = std::to_string(of.number) + "-" + std::to_string(one.number);
    one.store.emplace(sealing_, refresh_, std::move(wanted));
    store_event began{store_event::type::began};
    began.allowed = of.breaker.allows(steady(of));
    tell(one, began);
}

void simulation::tell(flight& one, store_event what) {
    auto& of = process_of(one);
    ++one.tag;
    what.now = steady(of);
    what.random = random();
    auto const next = one.store->resume(what);
    one.store->take_notes();
    perform(one, next);
}

void simulation::perform(flight& one, store_action what) {
    switch (what) {
    case store_action::exchange:
        if (is_planted(defect::lease_decides) && !one.has_lease) return wait_for_lease(one);
        return exchange_with_store(one);
    case store_action::wait:
        return wait(one);
    case store_action::serve:
        one.got = one.store->take_found(stamp(process_of(one)));
        land(one);
        return tell(one, store_event{store_event::type::told});
    case store_action::fail:
        one.failure = one.store->take_failure();
        land(one);
        return tell(one, store_event{store_event::type::told});
    case store_action::none:
        return remove(one);
    default:
        return command(one, what);
    }
}

void simulation::exchange_with_store(flight& one) {
    auto const number = one.number;
    begin_exchange(one);
    if (flights_.contains(number) && one.work) wait(one);
}

/// The defect: it asks again until it gets the lease.
void simulation::wait_for_lease(flight& one) {
    auto& of = process_of(one);
    one.starved = true;
    if (steady(of) < one.deadline) return at_steady(of, steady(of) + 1s, occasion::woke, one.number, one.tag);
    one.failure = sts::error_info();
    one.failure.kind = sts::error_kind::timeout;
    land(one);
    remove(one);
}

void simulation::wait(flight& one) {
    auto& of = process_of(one);
    if (one.starved) return wait_for_lease(one);
    if (look_for_news(one)) return;
    if (steady(of) >= one.store->until()) return tell(one, store_event{store_event::type::woke});
    at_steady(of, one.store->until(), occasion::woke, one.number, ++one.tag);
}

/// Tells the core what has happened meanwhile, if it can listen. The flight may be gone afterwards.
bool simulation::look_for_news(flight& one) {
    if (one.commanding || !one.store || one.starved) return false;
    auto& of = process_of(one);
    if (std::exchange(one.over, false)) {
        store_event ended{store_event::type::exchanged};
        ended.allowed =
            !one.store->had_trouble() || (one.store->has_looked() && of.breaker.allows(steady(of)));
        if (one.got)
            ended.fresh = &*one.got;
        else
            ended.why = &one.failure;
        tell(one, ended);
        return true;
    }
    if (one.work && one.told_to_wait) {
        store_event told{store_event::type::told_to_wait};
        told.wait = *std::exchange(one.told_to_wait, std::nullopt);
        tell(one, told);
        return true;
    }
    if (one.canceled && !one.work && !one.has_landed) {
        one.canceled = false;
        tell(one, store_event{store_event::type::canceled});
        return true;
    }
    return false;
}

/// A command arrives after a while, and its answer after another, unless one of them is lost.
void simulation::command(flight& one, store_action what) {
    one.commanding = true;
    one.command = what;
    one.came = store_event{store_event::type::failed};
    one.came.asked = steady(process_of(one));
    ahead_.add(now_ + (how_.shared == sharing::redis ? to_redis : to_file), occasion::arrives, one.number);
}

void simulation::execute(flight& one) {
    auto const& of = process_of(one);
    auto const wrong = std::ranges::find_if(
        how_.store, [&](trouble const& each) { return each.is_on(now_) && each.concerns(of.zone); });
    bool const works = wrong == how_.store.end();
    bool const is_late = !works && wrong->how != trouble::kind::refuses;
    if (works || wrong->how == trouble::kind::busy) run_command(one);
    if (!works) {
        auto const asked = one.came.asked;
        one.came = store_event{store_event::type::failed};
        one.came.asked = asked;
        one.came.late = is_late;
    }
    ahead_.add(now_ + (is_late ? nanoseconds(bound) : nanoseconds(to_redis)), occasion::answered, one.number);
}

void simulation::run_command(flight& one) {
    auto& of = process_of(one);
    auto& in = store_of(of);
    auto const& name = one.store->name();
    auto const life = refresh_.sharing.lease_life;
    auto const asked = one.came.asked;
    one.came = store_event{store_event::type::answered};
    one.came.asked = asked;
    switch (one.command) {
    case store_action::look:
        one.came.is = store_event::type::looked;
        one.found = in.look(name, now_);
        break;
    case store_action::acquire: {
        one.came.is = store_event::type::acquired;
        auto got = in.acquire(name, one.owner, life, now_);
        one.came.won = one.has_lease = got.won;
        one.came.left = got.left;
        one.holder = std::move(got.holder);
        one.found = std::move(got.now);
        break;
    }
    case store_action::renew:
        one.came.yes = in.renew(name, one.owner, life, now_);
        break;
    case store_action::release:
        one.came.yes = in.release(name, one.owner, now_);
        break;
    default: {
        std::optional<std::string> desired;
        if (one.store->desired() != nullptr)
            desired =
                sealing_.seal(*one.store->desired(), name, std::string(core::store_keys::salt_size, 's'));
        one.came.yes = in.swap(name, one.store->expected(), desired, one.store->life(), now_);
    }
    }
}

void simulation::answered_by_store(flight& one) {
    auto& of = process_of(one);
    one.commanding = false;
    using kind = core::store_breaker::command;
    auto const what = one.command == store_action::look ? kind::read : kind::write;
    if (one.came.is == store_event::type::failed)
        of.breaker.failed(what, steady(of), random());
    else
        of.breaker.worked(what);
    one.came.found = &one.found;
    one.came.holder = one.holder;
    tell(one, one.came);
}

/// The callers get the result at once; then it is written to the store.
void simulation::end_exchange_for_store(flight& one) {
    auto const number = one.number;
    land(one);
    if (!flights_.contains(number)) return;
    one.over = true;
    look_for_news(one);
}

} // namespace fleet
