// The exchanges of the fleet's processes, their pools and budgets.
#include "base/failure.hpp"
#include "fleet/simulation.hpp"

#include <algorithm>

namespace fleet {

namespace base = equinix::sts::base;

using exchange_event = core::exchange_fsm::event;
using exchange_action = core::exchange_fsm::action;

namespace {

constexpr auto round_trip = 2ms;
constexpr auto attempt_timeout = 10s;
constexpr double few = 10; // requests in a second, whatever the fleet's size

sts::error_info failure_of(service::outcome how, std::chrono::seconds retry_after) {
    switch (how) {
    case service::outcome::refused:
        return base::failure(sts::error_kind::connect, sts::phase::connect, "refused");
    case service::outcome::nothing:
        return base::failure(sts::error_kind::timeout, sts::phase::connect, "no answer");
    default:
        break;
    }
    auto why = base::failure(sts::error_kind::unavailable, sts::phase::read, "busy");
    why.http_status = how == service::outcome::too_many ? 429 : 503;
    if (retry_after > retry_after.zero()) why.retry_after = retry_after;
    return why;
}

} // namespace

void simulation::begin_exchange(flight& one) {
    auto& of = process_of(one);
    check_exchange(one);
    ++seen_.exchanges;
    ++of.exchanges;
    auto& work = one.work.emplace();
    work.of = &one;
    work.began = now_;
    work.fsm = core::exchange_fsm(steady(of), one.deadline);
    work.deadline = one.deadline;
    advance(one, exchange_event{exchange_event::type::started});
}

/// Tells an exchange what has happened, and does what it wants. It may be gone afterwards.
void simulation::advance(flight& one, exchange_event what) {
    auto& of = process_of(one);
    auto& work = *one.work;
    for (;;) {
        what.now = steady(of);
        what.random = random();
        if (what.is == exchange_event::type::classified)
            what.pays = !work.fsm.is_unserved() || !of.opening_is_paid;
        auto const left = of.budget->left();
        auto const next =
            work.fsm.resume(what, {retry_, attempt_timeout, *of.budget, false, of.pool->opening() != 0});
        if (what.is == exchange_event::type::classified && work.fsm.is_unserved() && of.budget->left() < left)
            of.opening_is_paid = true;
        seen_.least_budget = std::min(seen_.least_budget, of.budget->left());
        switch (next) {
        case exchange_action::acquire: {
            ++work.tag;
            work.fresh_only = work.fsm.fresh_only();
            core::pool_core::plan plan;
            of.pool->tick(steady(of), plan); // drops what is too old
            if (!of.pool->acquire(work, steady(of), plan, work.fsm.has_waited())) {
                auto why = base::failure(sts::error_kind::limit, sts::phase::queue, "too many wait");
                what = exchange_event{exchange_event::type::unserved};
                what.turned_away = true;
                what.why = &why;
                work.fsm.resume(what, {retry_, attempt_timeout, *of.budget, false, false});
                carry_out(of, plan, base::deadline_is_over(sts::phase::queue));
                return end_exchange(one);
            }
            at_steady(of, work.deadline, occasion::tick, of.number, of.generation);
            return carry_out(of, plan, base::deadline_is_over(sts::phase::queue));
        }
        case exchange_action::send:
            return send(one);
        case exchange_action::interrupt:
            ++work.tag;
            return_slot(of, *std::exchange(work.slot, nullptr), true);
            what = exchange_event{exchange_event::type::interrupted};
            what.where = sts::phase::read;
            continue;
        case exchange_action::judge:
            what = exchange_event{exchange_event::type::classified};
            continue;
        case exchange_action::pause:
            if (one.store && work.fsm.failure()->retry_after) {
                one.told_to_wait = *work.fsm.failure()->retry_after;
                look_for_news(one);
            }
            return at_steady(of, work.fsm.resume_at(), occasion::pause, one.number, ++work.tag);
        case exchange_action::finish:
            return end_exchange(one);
        default:
            return;
        }
    }
}

void simulation::send(flight& one) {
    auto& of = process_of(one);
    auto& work = *one.work;
    work.sent = stamp(of);
    work.fsm.request_sent();
    ++of.requests;
    ++seen_.requests;
    // Each retry that was sent costs 5 at least; a success returns 10 at most.
    if (5 * of.requests > sts::retry_options().budget + 5 * of.exchanges + 10 * of.successes)
        break_off(invariant::within_budget, "process " + std::to_string(of.number));
    work.comes = service_.ask(now_, of.zone);
    auto const second = static_cast<std::size_t>(now_ / 1s);
    auto const most = how_.most_in_a_second * static_cast<double>(processes_.size()) + few;
    if (how_.most_in_a_second > 0 && now_ > how_.calm_after && service_.seconds().size() > second &&
        service_.seconds()[second] > most)
        break_off(invariant::spread, std::to_string(service_.seconds()[second]) + " requests");
    ++work.tag;
    if (work.comes.is != service::outcome::nothing)
        ahead_.add(now_ + work.comes.after, occasion::answer, one.number, work.tag);
    at_steady(of, work.fsm.next_deadline(), occasion::overdue, one.number, work.tag);
}

void simulation::answered(flight& one) {
    auto& of = process_of(one);
    auto& work = *one.work;
    ++work.tag;
    bool const is_lost = work.comes.is == service::outcome::refused;
    auto* const slot = std::exchange(work.slot, nullptr);
    exchange_event what{is_lost ? exchange_event::type::broken : exchange_event::type::answered};
    what.now = steady(of);
    if (work.comes.is == service::outcome::token) {
        ++of.successes;
        auto& got = one.got.emplace();
        got.token_type = "Bearer";
        got.expires_in = work.comes.life;
        got.requested = work.sent;
        got.received = stamp(of);
        got.expires = sts::time_stamp{work.sent.steady + work.comes.life, work.sent.system + work.comes.life};
        got.set_access_token(std::to_string(work.comes.token));
        return_slot(of, *slot, false);
        return advance(one, what);
    }
    auto why = failure_of(work.comes.is, how_.retry_after);
    if (is_lost) why.kind = sts::error_kind::network;
    what.why = &why;
    return_slot(of, *slot, is_lost);
    advance(one, what);
}

void simulation::overdue(flight& one) {
    auto& of = process_of(one);
    if (steady(of) < one.work->fsm.next_deadline()) // it slept
        return at_steady(of, one.work->fsm.next_deadline(), occasion::overdue, one.number, one.work->tag);
    exchange_event what{exchange_event::type::overdue};
    what.where = sts::phase::read;
    advance(one, what);
}

/// No caller wants its token any longer.
void simulation::stop(flight& one) {
    if (!one.work) return;
    exchange_event what{exchange_event::type::stopped};
    what.reason = core::stop_reason::canceled;
    what.where = sts::phase::read;
    advance(one, what);
}

void simulation::end_exchange(flight& one) {
    auto& of = process_of(one);
    auto& work = *one.work;
    ++work.tag;
    if (work.queued) of.pool->abandon(work);
    if (work.fsm.failure() != nullptr) {
        one.got.reset();
        one.failure = work.fsm.take_failure();
    }
    one.work.reset();
    if (one.store) return end_exchange_for_store(one);
    land(one);
    remove(one);
}

// ---- the pool -----------------------------------------------------------------------------------------

void simulation::carry_out(process& of, core::pool_core::plan& plan, sts::error_info const& why) {
    for (; plan.open != 0; --plan.open) {
        auto const comes = service_.connect(now_, of.zone);
        auto const after = comes == service::outcome::nothing ? nanoseconds(attempt_timeout) : 2 * round_trip;
        ahead_.add(now_ + after, occasion::opened, of.number, of.generation);
    }
    drop(of, plan);
    core::pool_core::waiters to, unserved;
    to.swap(plan.to);
    unserved.swap(plan.fail);
    while (!to.empty()) {
        auto& work = static_cast<exchange&>(to.front());
        to.pop_front();
        advance(*work.of, exchange_event{exchange_event::type::leased});
    }
    while (!unserved.empty()) {
        auto& work = static_cast<exchange&>(unserved.front());
        unserved.pop_front();
        auto copy = why;
        exchange_event what{exchange_event::type::unserved};
        what.why = &copy;
        advance(*work.of, what);
    }
    wake_pool(of, of.pool->next_opening());
}

void simulation::wake_pool(process& of, time_point when) {
    if (when >= of.wakes && of.wakes > steady(of)) return; // it is woken before
    of.wakes = when;
    at_steady(of, when, occasion::tick, of.number, of.generation);
}

void simulation::drop(process& of, core::pool_core::plan& plan) {
    while (!plan.drop.empty()) {
        auto* const one = &plan.drop.front();
        plan.drop.pop_front();
        of.connections.remove_if([&](connection const& each) { return &each == one; });
    }
}

void simulation::opened(process& of) {
    core::pool_core::plan plan;
    auto const how = service_.connect(now_, of.zone);
    if (how != service::outcome::token) {
        of.pool->open_failed(steady(of), random(), plan);
        if (!plan.early) of.opening_is_paid = false;
        return carry_out(of, plan, failure_of(how, {}));
    }
    of.pool->opened(of.connections.emplace_back(), steady(of), plan);
    carry_out(of, plan, {});
}

void simulation::tick(process& of) {
    of.wakes = time_point::min();
    core::pool_core::plan plan;
    of.pool->tick(steady(of), plan);
    carry_out(of, plan, base::deadline_is_over(sts::phase::queue));
}

void simulation::return_slot(process& of, core::pool_slot& slot, bool is_lost) {
    core::pool_core::plan plan;
    if (is_lost) {
        of.pool->lost(slot, steady(of), plan);
        of.connections.remove_if([&](connection const& each) { return &each == &slot; });
    } else {
        of.pool->returned(slot, steady(of), plan);
    }
    carry_out(of, plan, {});
}

// ---- what must hold -----------------------------------------------------------------------------------

bool simulation::asks_for_shared(flight const& one) const {
    return one.store.has_value() && how_.shared == sharing::redis;
}

/// Its lease may have ended meanwhile.
bool simulation::has_slept_since(instant then, process const& of) const {
    return of.on->steady(now_) - of.on->steady(then) < now_ - then;
}

/// While all is well, a token that many share is asked for by one of those that are awake, and not before it
/// is time.
void simulation::check_exchange(flight const& one) {
    if (!asks_for_shared(one)) return;
    auto const& of = process_of(one);
    bool const all_well = store_is_well() && std::ranges::all_of(processes_, [&](process const& each) {
                              return service_.is_well(now_, each.zone);
                          });
    bool const another_asks = std::ranges::any_of(flights_, [&](auto const& each) {
        auto const& other = *each.second;
        return &other != &one && other.work && asks_for_shared(other) &&
               !has_slept_since(other.work->began, process_of(other));
    });
    if (all_well && another_asks)
        break_off(invariant::one_exchange,
                  "process " + std::to_string(of.number) + ", while another makes one");
    auto const left = store_of(of).look(names_.front(), now_).left;
    if (all_well && left && *left > how_.life * 13 / 20) // due is one after two fifths at the earliest
        break_off(invariant::one_exchange,
                  "process " + std::to_string(of.number) + ", while there is a young token");
}

} // namespace fleet
