// An exchange, step by step in simulated time.
#pragma once

#include "base/failure.hpp"
#include "core/exchange_fsm.hpp"
#include "support/print.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/retry.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string_view>
#include <vector>

namespace equinix::sts::core {

inline std::ostream& operator<<(std::ostream& out, exchange_fsm::action one) {
    constexpr std::array<std::string_view, 9> names = {"none",      "ask",   "sign",  "acquire", "send",
                                                       "interrupt", "judge", "pause", "finish"};
    static_assert(names.size() == static_cast<std::size_t>(exchange_fsm::action::finish) + 1);
    return out << names[static_cast<std::size_t>(one)];
}

inline std::ostream& operator<<(std::ostream& out, exchange_fsm::state one) {
    constexpr std::array<std::string_view, 8> names = {"fresh",  "asking",  "signing", "waiting",
                                                       "leased", "judging", "pausing", "done"};
    static_assert(names.size() == static_cast<std::size_t>(exchange_fsm::state::done) + 1);
    return out << names[static_cast<std::size_t>(one)];
}

} // namespace equinix::sts::core

namespace test {

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
namespace sts = equinix::sts;

struct exchange_fsm_fixture {
    using fsm = core::exchange_fsm;
    using action = fsm::action;
    using state = fsm::state;
    using type = fsm::event::type;

    base::clock::time_point const start = base::clock::time_point() + std::chrono::hours(1000);
    base::clock::time_point now = start;
    sts::retry_options options;
    core::retry_budget budget{500};
    bool closed = false, opening = false;
    fsm way{start, start + std::chrono::seconds(30)};

    action tell(fsm::event what) {
        what.now = now;
        return way.resume(what, {options, std::chrono::seconds(10), budget, closed, opening});
    }
    action tell(type what) { return tell(fsm::event{what}); }
    action tell(type what, sts::error_info why) {
        fsm::event event{what};
        event.why = &why;
        return tell(event);
    }
    action stop(core::stop_reason why, sts::phase where = sts::phase::queue) {
        fsm::event event{type::stopped};
        event.reason = why;
        event.where = where;
        return tell(event);
    }
    action interrupted(sts::phase where = sts::phase::read) {
        fsm::event event{type::interrupted};
        event.where = where;
        return tell(event);
    }
    action unprocessed() {
        auto why = base::failure(sts::error_kind::network, sts::phase::write, "refused");
        fsm::event event{type::broken};
        event.why = &why;
        event.unprocessed = true;
        return tell(event);
    }
    action broken(sts::error_info why, bool stale = false, bool answer_begun = false) {
        fsm::event event{type::broken};
        event.why = &why;
        event.stale = stale;
        event.answer_begun = answer_begun;
        return tell(event);
    }
    action classified(std::uint32_t random = 0, sts::retry_decision said = sts::retry_decision::by_default) {
        fsm::event event{type::classified};
        event.random = random;
        event.said = said;
        return tell(event);
    }

    /// Until it has a connection.
    void lease() {
        if (way.is() == state::fresh) tell(type::started);
        if (way.is() == state::asking) tell(type::supplied);
        if (way.is() == state::pausing) tell(type::pause_over);
        BOOST_TEST(tell(type::leased) == action::send);
    }

    /// One attempt that takes a second and fails; where it pauses, the pause is over.
    action attempt(sts::error_info const& failed, std::uint32_t random = 0) {
        if (way.is() != state::leased) lease();
        if (failed.kind != sts::error_kind::connect) way.request_sent();
        now += std::chrono::seconds(1);
        BOOST_TEST(tell(type::answered, failed) == action::judge);
        auto const next = classified(random);
        if (next == action::pause) now = way.resume_at();
        return next;
    }

    std::vector<sts::attempt_error> const& earlier() const { return way.failure()->earlier; }

    static sts::error_info unavailable() {
        auto info = base::failure(sts::error_kind::unavailable, sts::phase::parse, "");
        info.http_status = 503;
        return info;
    }
    static sts::error_info lost() { return base::failure(sts::error_kind::network, sts::phase::read, ""); }
    static sts::error_info no_connection() {
        return base::failure(sts::error_kind::connect, sts::phase::connect, "");
    }
};

} // namespace test
