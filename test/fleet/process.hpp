// A process of the fleet: the cores that a client, its token sources and their store have.
#pragma once

#include "core/exchange_fsm.hpp"
#include "core/pool_core.hpp"
#include "core/retry_policy.hpp"
#include "core/store_breaker.hpp"
#include "core/store_fsm.hpp"
#include "core/token_fsm.hpp"
#include "fleet/machine.hpp"
#include "fleet/service.hpp"

#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fleet {

namespace core = equinix::sts::core;
namespace sts = equinix::sts;

struct connection : core::pool_slot {};
struct flight;

/// An exchange of a flight.
struct exchange : core::pool_waiter {
    flight* of = nullptr;
    core::exchange_fsm fsm;
    std::uint32_t tag = 0; ///< of what it waits for
    service::answer comes;
    sts::time_stamp sent{};
    instant began{};
};

/// A flight for a token.
struct flight {
    std::uint32_t key = 0, number = 0;
    std::uint32_t erasures = 0;
    time_point deadline{};
    bool abandoned = false, has_landed = false;
    std::optional<exchange> work;
    std::optional<sts::token> got;
    sts::error_info failure;

    // With a store.
    std::optional<core::store_fsm> store;
    std::string owner;
    std::uint32_t tag = 0;   ///< of what it waits for
    bool commanding = false; ///< a command is under way
    core::store_fsm::action command{};
    core::store_fsm::event came{core::store_fsm::event::type::failed};
    sts::stored_record found;
    std::string holder;
    bool has_lease = false, starved = false; ///< `starved`: by the defect of that name
    bool over = false;                       ///< the exchange is, and the store's core has not been told
    bool canceled = false;
    std::optional<std::chrono::seconds> told_to_wait;
};

/// One of the tokens that a process needs.
struct key {
    core::token_fsm fsm;
    std::shared_ptr<sts::token const> held;
    std::uint32_t token = 0; ///< of the service, which is held
    std::uint32_t process = 0;
    flight* current = nullptr;
    std::deque<instant> waiting; ///< since when each caller does
    std::uint32_t tag = 0;       ///< of the next caller
    std::uint32_t due = 0;       ///< of the timer of a source
    bool used = false;           ///< since it was received
    bool has_failed = false, ever_served = false;
};

struct process {
    std::uint32_t number = 0;
    machine* on = nullptr;
    unsigned zone = 0;
    std::optional<core::retry_budget> budget;
    std::unique_ptr<core::pool_core> pool;
    core::store_breaker breaker;
    std::list<connection> connections;
    std::list<std::unique_ptr<flight>> flights; ///< also those that have landed, and write to the store
    std::size_t in_flight = 0;
    std::deque<std::uint32_t> awaited, background; ///< keys that wait for their turn
    bool opening_is_paid = false;
    std::uint32_t generation = 0;         ///< how often it has started
    time_point wakes = time_point::min(); ///< its pool, if that is to come

    // What the service has seen of it.
    std::size_t exchanges = 0, requests = 0, successes = 0;
};

} // namespace fleet
