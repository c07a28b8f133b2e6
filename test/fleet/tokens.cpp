// The callers of the fleet's processes, and the tokens that they get.
#include "fleet/simulation.hpp"

#include <algorithm>
#include <utility>

namespace fleet {

namespace {

constexpr auto callers_wait = 30s;
constexpr auto most_wait = 4s; // of a caller, while the service works

} // namespace

void simulation::next_caller(std::uint32_t which, instant at_earliest) {
    auto& one = keys_[which];
    ahead_.add(at_earliest + chance(how_.caller_each), occasion::caller, which, ++one.tag);
}

void simulation::caller_comes(std::uint32_t which, std::uint32_t tag) {
    auto& one = keys_[which];
    if (tag != one.tag) return;
    auto& of = process_of(one);
    ++seen_.callers;
    core::token_fsm::event asked{core::token_fsm::event::type::asked};
    asked.now = stamp(of);
    auto const said = one.fsm.resume(asked);
    using answer = core::token_fsm::answer;
    switch (said.caller) {
    case answer::token:
        serve(one, now_);
        break;
    case answer::failure:
        fail_caller(one, now_);
        break;
    case answer::wait:
        ++seen_.waited;
        one.waiting.push_back(now_);
        at_steady(of, steady(of) + callers_wait, occasion::deadline, which, 0);
        break;
    default:
        break;
    }
    act(which, said.flight);
    // While a token is served and nothing is due, callers get it and change nothing.
    auto next = now_;
    if (one.fsm.just_serves(stamp(of)) && !one.fsm.is_flying()) {
        next = std::max(next, due_at(one));
        one.used = one.used || now_ + chance(how_.caller_each) < next;
    }
    next_caller(which, next);
}

instant simulation::due_at(key const& of) const {
    auto const& on = processes_[of.process];
    auto const due = of.fsm.due_at();
    return std::min(on.on->reaches(due.steady), now_ + (due.system - stamp(on).system));
}

/// A source has a timer; a cache, which has many keys, has none.
void simulation::arm(std::uint32_t which) {
    auto& one = keys_[which];
    if (how_.keys == 1 && one.fsm.holds(stamp(process_of(one))))
        ahead_.add(std::max(now_, due_at(one)), occasion::due, which, ++one.due);
}

void simulation::refresh(std::uint32_t which, std::uint32_t tag) {
    auto& one = keys_[which];
    auto const& of = process_of(one);
    if (tag != one.due || !one.used || !one.fsm.holds(stamp(of))) return; // it is left to expire
    core::token_fsm::event tended{core::token_fsm::event::type::tended};
    tended.now = stamp(of);
    auto const said = one.fsm.resume(tended).flight;
    if (said == core::token_fsm::action::none && !one.fsm.is_flying())
        arm(which); // it slept, or a clock was set
    act(which, said);
}

/// Checks also what callers get that the simulation passes over.
void simulation::check_end(std::uint32_t which, std::uint32_t token) {
    auto const& one = keys_[which];
    if (one.held && one.token == token && one.fsm.holds(stamp(process_of(one))))
        break_off(invariant::no_expired_token, "process " + std::to_string(one.process));
}

bool simulation::service_worked_for(key const& of, instant since) const {
    auto const zone = processes_[of.process].zone;
    return service_.is_well(since, zone) && service_.is_well(now_, zone);
}

void simulation::serve(key& of, instant since) {
    of.used = true;
    if (now_ >= service_.end_of(of.token))
        break_off(invariant::no_expired_token, "process " + std::to_string(of.process));
    seen_.longest_wait = std::max(seen_.longest_wait, now_ - since);
    if (service_worked_for(of, since) && now_ - since > most_wait && how_.asleep_for == 0ns)
        break_off(invariant::nobody_starves, "a caller of process " + std::to_string(of.process) +
                                                 " waited " + std::to_string((now_ - since) / 1ms) + " ms");
}

void simulation::fail_caller(key const& of, instant since) {
    ++seen_.failed;
    if (service_worked_for(of, since))
        break_off(invariant::nobody_starves,
                  "a caller of process " + std::to_string(of.process) + " got an error");
}

void simulation::fail_if_endless(key const& of) {
    auto const& on = processes_[of.process];
    if (steady(on) - on.on->steady(of.waiting.front()) > callers_wait + 1s)
        break_off(invariant::no_endless_wait, "a caller of process " + std::to_string(of.process));
}

void simulation::caller_gives_up(std::uint32_t which) {
    auto& one = keys_[which];
    auto& of = process_of(one);
    bool left = false;
    while (!one.waiting.empty() && steady(of) - of.on->steady(one.waiting.front()) >= callers_wait) {
        auto const since = one.waiting.front();
        one.waiting.pop_front();
        left = true;
        fail_caller(one, since);
    }
    if (!left) return;
    core::token_fsm::event gone{core::token_fsm::event::type::left};
    gone.now = stamp(of);
    gone.others_wait = !one.waiting.empty();
    act(which, one.fsm.resume(gone).flight);
}

void simulation::act(std::uint32_t which, core::token_fsm::action what) {
    auto& one = keys_[which];
    auto& of = process_of(one);
    using action = core::token_fsm::action;
    switch (what) {
    case action::want:
        std::erase(of.background, which);
        of.awaited.push_back(which);
        break;
    case action::refresh:
        of.background.push_back(which);
        break;
    case action::forgo:
        std::erase(of.awaited, which);
        std::erase(of.background, which);
        break;
    case action::abandon: {
        auto& left = *std::exchange(one.current, nullptr);
        left.abandoned = true;
        left.canceled = true;
        if (left.work)
            stop(left);
        else
            look_for_news(left);
        break;
    }
    default:
        break;
    }
    give_turns(of);
}

void simulation::give_turns(process& of) {
    while (of.in_flight < how_.flights && !(of.awaited.empty() && of.background.empty())) {
        auto& from = of.awaited.empty() ? of.background : of.awaited;
        auto const which = from.front();
        from.pop_front();
        begin(which);
    }
}

void simulation::begin(std::uint32_t which) {
    auto& one = keys_[which];
    auto& of = process_of(one);
    auto& made = *of.flights.emplace_back(std::make_unique<flight>());
    made.key = which;
    made.number = ++flight_count_;
    made.erasures = one.fsm.erasures();
    made.deadline = steady(of) + callers_wait;
    flights_.emplace(made.number, &made);
    one.current = &made;
    ++of.in_flight;
    core::token_fsm::event begun{core::token_fsm::event::type::begun};
    begun.now = stamp(of);
    one.fsm.resume(begun);
    if (how_.shared == sharing::memory)
        begin_exchange(made);
    else
        begin_with_store(made);
}

/// The callers get what the flight has brought.
void simulation::land(flight& one) {
    auto& of = keys_[one.key];
    auto& on = process_of(of);
    one.has_landed = true;
    --on.in_flight;
    if (steady(on) > one.deadline + 2s)
        break_off(invariant::no_endless_wait, "a flight of process " + std::to_string(of.process));
    core::token_fsm::event landed{core::token_fsm::event::type::landed};
    landed.now = stamp(on);
    landed.counts = !one.abandoned;
    landed.has_token = one.got.has_value();
    landed.erasures = one.erasures;
    if (one.got && one.got->expires) landed.ends = *one.got->expires;
    if (landed.counts) of.current = nullptr;
    auto const said = of.fsm.resume(landed);
    using landing = core::token_fsm::landing;
    if (said.landed == landing::received) {
        auto const fresh = std::make_shared<sts::token const>(*one.got);
        auto const number = static_cast<std::uint32_t>(std::stoul(std::string(fresh->access_token.reveal())));
        bool const kept = of.fsm.received(*fresh, {}, stamp(on), refresh_, random());
        of.token = number;
        of.used = false;
        if (kept) of.held = fresh;
        if (kept) ahead_.add(service_.end_of(number), occasion::end_of, one.key, number);
        if (!std::exchange(of.ever_served, true) && --unserved_ == 0) seen_.all_served = now_;
        of.has_failed = false;
        answer_all(of, true);
    } else if (said.landed == landing::failed) {
        using meaning = core::token_fsm::meaning;
        auto const means = of.fsm.failed(one.failure, of.has_failed, stamp(on), random());
        of.has_failed = of.has_failed || means != meaning::as_before;
        answer_all(of, false);
    } else if (landed.counts && !of.waiting.empty()) {
        act(one.key, of.fsm.resume(core::token_fsm::event{core::token_fsm::event::type::missed}).flight);
    }
    arm(one.key);
    give_turns(on);
    if (!of.waiting.empty() && of.current == nullptr) next_caller(one.key, now_);
}

void simulation::answer_all(key& of, bool with_token) {
    for (auto const since : std::exchange(of.waiting, {}))
        if (with_token)
            serve(of, since);
        else
            fail_caller(of, since);
}

} // namespace fleet
