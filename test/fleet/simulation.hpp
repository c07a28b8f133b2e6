// Thousands of processes, days of time, in one thread: the cores do what they do in the library, and this is
// their shell. One seed decides everything.
#pragma once

#include "fleet/invariants.hpp"
#include "fleet/process.hpp"
#include "fleet/shared_store.hpp"
#include "fleet/timeline.hpp"

#include <map>
#include <unordered_map>

namespace fleet {

/// What a run has shown.
struct figures {
    std::uint64_t events = 0, callers = 0, waited = 0, failed = 0;
    std::size_t exchanges = 0, requests = 0, tokens = 0, turned_away = 0;
    std::uint32_t peak = 0;            ///< requests in one second
    nanoseconds longest_wait{};        ///< of a caller that got a token
    std::optional<instant> all_served; ///< when each process had had a token
    unsigned least_budget = ~0U;
    std::vector<std::uint32_t> per_second; ///< requests
    std::vector<std::uint32_t> without;    ///< processes that hold no token, each ten seconds
};

class simulation {
public:
    /// `unchecked`: goes on when an invariant breaks.
    simulation(scenario const& how, std::uint64_t seed, std::optional<defect> planted,
               bool unchecked = false);
    ~simulation();
    simulation(simulation const&) = delete;
    simulation& operator=(simulation const&) = delete;

    /// Throws `broken`.
    figures run();

private:
    // Callers and tokens.
    void caller_comes(std::uint32_t key, std::uint32_t tag);
    void caller_gives_up(std::uint32_t key);
    void next_caller(std::uint32_t key, instant at_earliest);
    instant due_at(key const& of) const;
    void arm(std::uint32_t key);
    void refresh(std::uint32_t key, std::uint32_t tag);
    void act(std::uint32_t key, core::token_fsm::action what);
    void give_turns(process& of);
    void begin(std::uint32_t key);
    void land(flight& one);
    void answer_all(key& of, bool with_token);
    bool service_worked_for(key const& of, instant since) const;
    void serve(key& of, instant since);
    void fail_caller(key const& of, instant since);
    void fail_if_endless(key const& of);
    void check_end(std::uint32_t key, std::uint32_t token);
    void restart(process& one);
    void clear(process& one);
    void remove(flight& one);

    // Exchanges.
    void begin_exchange(flight& one);
    void advance(flight& one, core::exchange_fsm::event what);
    void send(flight& one);
    void answered(flight& one);
    void overdue(flight& one);
    void stop(flight& one);
    void end_exchange(flight& one);
    void carry_out(process& of, core::pool_core::plan& plan, sts::error_info const& why);
    void opened(process& of);
    void tick(process& of);
    void wake_pool(process& of, time_point when);
    void drop(process& of, core::pool_core::plan& plan);
    void return_slot(process& of, core::pool_slot& slot, bool is_lost);

    // The store.
    void begin_with_store(flight& one);
    void tell(flight& one, core::store_fsm::event what);
    void perform(flight& one, core::store_fsm::action what);
    void wait(flight& one);
    bool look_for_news(flight& one);
    void command(flight& one, core::store_fsm::action what);
    void execute(flight& one);
    void run_command(flight& one);
    void exchange_with_store(flight& one);
    void wait_for_lease(flight& one);
    void answered_by_store(flight& one);
    void end_exchange_for_store(flight& one);
    shared_store& store_of(process const& one);

    void happen(event const& what);
    bool is_put_off(process const& of, event const& what);
    void jump(std::uint32_t machine);
    void check_exchange(flight const& one);
    bool asks_for_shared(flight const& one) const;
    bool has_slept_since(instant then, process const& of) const;
    void note_holders();

    sts::time_stamp stamp(process const& of) const;
    time_point steady(process const& of) const { return of.on->steady(now_); }
    std::uint32_t random();
    nanoseconds chance(nanoseconds mean);
    process& process_of(key const& one) { return processes_[one.process]; }
    process& process_of(flight const& one) { return processes_[keys_[one.key].process]; }
    void at_steady(process const& of, time_point when, occasion what, std::uint32_t who, std::uint32_t tag);
    void break_off(invariant which, std::string what) const;
    bool is_planted(defect one) const noexcept { return planted_ == one; }
    bool store_is_well() const;

    scenario const& how_;
    std::optional<defect> planted_;
    bool unchecked_;
    dice dice_;
    instant now_{};
    timeline ahead_;
    service service_;
    std::vector<machine> machines_;
    std::vector<process> processes_;
    std::vector<key> keys_;
    std::unordered_map<std::uint32_t, flight*> flights_;
    std::uint32_t flight_count_ = 0;
    std::map<std::size_t, shared_store> stores_;
    std::size_t unserved_ = 0; ///< keys that have had no token yet
    figures seen_;

    sts::refresh_options refresh_;
    sts::retry_options retry_;
    sts::pool_options limits_;
    core::store_keys sealing_;
    std::vector<std::string> names_;
    std::string cool_down_;
};

} // namespace fleet
