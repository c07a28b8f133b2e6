#include "fleet/simulation.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fleet {

using std::chrono::seconds;

namespace {

constexpr auto samples = 10s;
constexpr std::size_t most_sampled = 20'000;
constexpr std::size_t key_size = 32;

} // namespace

simulation::simulation(scenario const& how, std::uint64_t seed, std::optional<defect> planted, bool unchecked)
    : how_(how), planted_(planted), unchecked_(unchecked), dice_(seed), service_(how_, dice_),
      sealing_({sts::secret(std::string(key_size, 'k'))}) {
    limits_.max_connections = how_.connections;
    if (is_planted(defect::no_budget)) retry_.budget = 1'000'000'000;
    names_ = sealing_.names_of("the token");
    cool_down_ = sealing_.names_of("the cool-down").front();
    auto const cycle = how_.awake_for + how_.asleep_for;
    auto const machines = (how_.processes + how_.on_a_machine - 1) / how_.on_a_machine;
    for (std::size_t i = 0; i < machines; ++i)
        machines_.emplace_back(
            how_.awake_for, how_.asleep_for,
            how_.asleep_for > 0ns ? nanoseconds(dice_() % static_cast<std::uint64_t>(cycle.count())) : 0ns);
    processes_.resize(how_.processes);
    keys_.resize(how_.processes * how_.keys);
    unserved_ = keys_.size();
    for (std::uint32_t i = 0; i < processes_.size(); ++i) {
        auto& one = processes_[i];
        one.number = i;
        one.on = &machines_[i / how_.on_a_machine];
        one.zone = static_cast<unsigned>(i / how_.on_a_machine % how_.zones);
        restart(one);
    }
    for (std::uint32_t i = 0; i < keys_.size(); ++i) {
        keys_[i].process = static_cast<std::uint32_t>(i / how_.keys);
        auto const share = how_.start_within / static_cast<long>(keys_.size());
        next_caller(i, share * static_cast<long>(i));
    }
    if (how_.clocks_off > 0ns)
        for (std::uint32_t i = 0; i < machines_.size(); ++i)
            ahead_.add(0s, occasion::clock, i);
    if (how_.fails_over_each > 0ns) ahead_.add(how_.fails_over_each, occasion::failover, 0);
    for (auto at = how_.deploy_at; how_.deploy_within > 0ns && at < how_.run_for; at += how_.deploy_each) {
        for (auto const& one : processes_)
            ahead_.add(at + how_.deploy_within / static_cast<long>(processes_.size()) * one.number,
                       occasion::restart, one.number);
        if (how_.deploy_each <= 0ns) break;
    }
}

simulation::~simulation() {
    for (auto& one : processes_)
        clear(one);
}

figures simulation::run() {
    for (instant sample = samples; !ahead_.is_over(how_.run_for);) {
        auto const next = ahead_.next();
        for (; sample <= next.when; sample += samples) {
            now_ = sample;
            note_holders();
        }
        now_ = next.when;
        ++seen_.events;
        happen(next);
    }
    now_ = how_.run_for;
    for (auto const& one : keys_)
        if (!one.waiting.empty()) fail_if_endless(one);
    seen_.per_second = service_.seconds();
    seen_.peak = seen_.per_second.empty() ? 0 : *std::ranges::max_element(seen_.per_second);
    seen_.tokens = service_.tokens();
    seen_.turned_away = service_.turned_away();
    return std::move(seen_);
}

/// What concerns a machine that is asleep happens when it wakes.
bool simulation::is_put_off(process const& of, event const& what) {
    bool const sleeps = of.on->is_asleep(now_);
    if (sleeps) ahead_.add(of.on->wakes(now_), what.what, what.who, what.tag);
    return sleeps;
}

void simulation::happen(event const& what) {
    auto const on_flight = [&](auto&& go) {
        auto const found = flights_.find(what.who);
        if (found != flights_.end() && !is_put_off(process_of(*found->second), what)) go(*found->second);
    };
    auto const on_key = [&](auto&& go) {
        if (!is_put_off(process_of(keys_[what.who]), what)) go();
    };
    auto const on_process = [&](auto&& go) {
        auto& of = processes_[what.who];
        if (!is_put_off(of, what) && what.tag == of.generation) go(of);
    };
    switch (what.what) {
    case occasion::caller:
        return on_key([&] { caller_comes(what.who, what.tag); });
    case occasion::deadline:
        return on_key([&] { caller_gives_up(what.who); });
    case occasion::due:
        return on_key([&] { refresh(what.who, what.tag); });
    case occasion::end_of:
        return on_key([&] { check_end(what.who, what.tag); });
    case occasion::opened:
        return on_process([&](process& of) { opened(of); });
    case occasion::tick:
        return on_process([&](process& of) { tick(of); });
    case occasion::answer:
        return on_flight([&](flight& one) {
            if (one.work && one.work->tag == what.tag) answered(one);
        });
    case occasion::overdue:
        return on_flight([&](flight& one) {
            if (one.work && one.work->tag == what.tag) overdue(one);
        });
    case occasion::pause:
        return on_flight([&](flight& one) {
            if (one.work && one.work->tag == what.tag)
                advance(one, core::exchange_fsm::event{core::exchange_fsm::event::type::pause_over});
        });
    case occasion::arrives:
        return on_flight([&](flight& one) { execute(one); });
    case occasion::answered:
        return on_flight([&](flight& one) { answered_by_store(one); });
    case occasion::woke:
        return on_flight([&](flight& one) {
            if (one.tag == what.tag) wait(one);
        });
    case occasion::restart:
        return restart(processes_[what.who]);
    case occasion::clock:
        return jump(what.who);
    case occasion::failover:
        for (auto& [where, one] : stores_)
            one.fail_over(now_);
        return ahead_.add(now_ + how_.fails_over_each, occasion::failover, 0);
    }
}

/// The clock of a machine is set.
void simulation::jump(std::uint32_t machine) {
    auto const most = static_cast<std::uint64_t>(how_.clocks_off / 1s);
    machines_[machine].set_clock(seconds(dice_() % (2 * most + 1)) - seconds(most));
    if (how_.jump_each > 0ns) ahead_.add(now_ + chance(how_.jump_each), occasion::clock, machine);
    if (now_ == 0s) return;
    for (std::uint32_t i = 0; i < keys_.size(); ++i) // what is due may be due at another time
        if (process_of(keys_[i]).on == &machines_[machine]) {
            next_caller(i, now_);
            arm(i);
        }
}

// ---- processes ----------------------------------------------------------------------------------------

/// All that a process has in memory is gone.
void simulation::clear(process& one) {
    for (auto const& flown : one.flights) {
        if (flown->work && flown->work->queued) one.pool->abandon(*flown->work);
        flights_.erase(flown->number);
    }
    if (one.pool) {
        core::pool_core::plan plan;
        one.pool->close(plan);
        for (auto& slot : one.connections)
            if (slot.is == core::pool_slot::state::leased) one.pool->lost(slot, steady(one), plan);
        plan.drop.clear();
    }
    one.flights.clear();
    one.connections.clear();
    one.awaited.clear();
    one.background.clear();
    one.in_flight = 0;
}

void simulation::restart(process& one) {
    clear(one);
    ++one.generation;
    one.wakes = time_point::min();
    one.budget.emplace(retry_.budget);
    one.pool = std::make_unique<core::pool_core>(limits_, retry_);
    one.breaker = core::store_breaker();
    one.opening_is_paid = false;
    one.exchanges = one.requests = one.successes = 0;
    for (std::uint32_t i = one.number * static_cast<std::uint32_t>(how_.keys);
         i < (one.number + 1) * static_cast<std::uint32_t>(how_.keys); ++i) {
        auto const tag = keys_[i].tag, due = keys_[i].due;
        bool const ever = keys_[i].ever_served;
        keys_[i] = key();
        keys_[i].process = one.number;
        keys_[i].tag = tag;
        keys_[i].due = due + 1;
        keys_[i].ever_served = ever;
        if (now_ > 0s) next_caller(i, now_);
    }
}

void simulation::remove(flight& one) {
    auto& of = process_of(one);
    flights_.erase(one.number);
    std::erase_if(of.flights, [&](auto const& each) { return each.get() == &one; });
}

void simulation::note_holders() {
    if (keys_.size() > most_sampled) return;
    std::uint32_t without = 0;
    for (auto const& one : keys_)
        without += one.fsm.holds(stamp(processes_[one.process])) ? 0 : 1;
    seen_.without.push_back(without);
}

// ---- chance and time ----------------------------------------------------------------------------------

sts::time_stamp simulation::stamp(process const& of) const {
    return of.on->stamp(now_, is_planted(defect::one_clock));
}

std::uint32_t simulation::random() {
    auto const bits = static_cast<std::uint32_t>(dice_());
    return is_planted(defect::no_jitter) ? 0 : bits;
}

nanoseconds simulation::chance(nanoseconds mean) {
    auto const share = static_cast<double>(dice_() % 1'000'000 + 1) / 1'000'000;
    return std::chrono::duration_cast<nanoseconds>(mean * -std::log(share));
}

void simulation::at_steady(process const& of, time_point when, occasion what, std::uint32_t who,
                           std::uint32_t tag) {
    if (when == time_point::max()) return;
    ahead_.add(std::max(now_, of.on->reaches(when)), what, who, tag);
}

void simulation::break_off(invariant which, std::string what) const {
    if (!unchecked_) throw broken{which, std::move(what), seen_.events};
}

} // namespace fleet
