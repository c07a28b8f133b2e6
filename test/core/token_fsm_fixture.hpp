// One key's token, step by step in simulated time.
#pragma once

#include "base/failure.hpp"
#include "core/token_fsm.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/refresh.hpp>
#include <equinix/sts/token.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string_view>

namespace equinix::sts::core {

template <class Enum, std::size_t N>
std::ostream& name_of(std::ostream& out, Enum one, std::array<std::string_view, N> const& names) {
    return out << names.at(static_cast<std::size_t>(one));
}
inline std::ostream& operator<<(std::ostream& out, token_fsm::action one) {
    return name_of(
        out, one,
        std::array<std::string_view, 7>{"none", "want", "refresh", "begin", "forgo", "abandon", "land"});
}
inline std::ostream& operator<<(std::ostream& out, token_fsm::answer one) {
    return name_of(out, one,
                   std::array<std::string_view, 5>{"nothing", "token", "failure", "no_time", "wait"});
}
inline std::ostream& operator<<(std::ostream& out, token_fsm::landing one) {
    return name_of(out, one, std::array<std::string_view, 3>{"ignored", "received", "failed"});
}
inline std::ostream& operator<<(std::ostream& out, token_fsm::meaning one) {
    return name_of(out, one, std::array<std::string_view, 3>{"new_failure", "refusal", "as_before"});
}
inline std::ostream& operator<<(std::ostream& out, token_fsm::state one) {
    return name_of(out, one, std::array<std::string_view, 4>{"resting", "wanted", "due", "flying"});
}

} // namespace equinix::sts::core

namespace test {

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
namespace sts = equinix::sts;

struct token_fsm_fixture {
    using fsm = core::token_fsm;
    using action = fsm::action;
    using answer = fsm::answer;
    using landing = fsm::landing;
    using meaning = fsm::meaning;
    using state = fsm::state;
    using type = fsm::event::type;

    sts::time_stamp now{base::clock::time_point() + std::chrono::hours(1000),
                        std::chrono::system_clock::time_point() + std::chrono::hours(1000)};
    fsm one;
    sts::refresh_options options;

    void pass(std::chrono::nanoseconds time) {
        now.steady += time;
        now.system += std::chrono::duration_cast<std::chrono::system_clock::duration>(time);
    }
    fsm::step tell(fsm::event what) {
        what.now = now;
        return one.resume(what);
    }
    fsm::step tell(type what) { return tell(fsm::event{what}); }
    fsm::step ask(bool in_time = true, bool may_differ = false) {
        fsm::event what{type::asked};
        what.in_time = in_time;
        what.may_differ = may_differ;
        return tell(what);
    }
    fsm::step leave(bool others_wait = false) {
        fsm::event what{type::left};
        what.others_wait = others_wait;
        return tell(what);
    }
    fsm::step land(bool has_token, bool counts = true, std::uint32_t erasures = 0) {
        fsm::event what{type::landed};
        what.has_token = has_token;
        what.counts = counts;
        what.erasures = erasures;
        return tell(what);
    }
    bool receive(std::chrono::seconds life = std::chrono::hours(1)) {
        sts::token fresh;
        fresh.expires_in = life;
        fresh.requested = now;
        return one.received(fresh, {}, now, options, 0);
    }
    meaning fail(sts::error_info const& why, bool had_failed = false) {
        return one.failed(why, had_failed, now, 0);
    }

    void fly() {
        if (one.is() == state::resting) ask();
        tell(type::begun);
    }
    void hold(std::chrono::seconds life = std::chrono::hours(1)) {
        fly();
        land(true);
        receive(life);
    }
};

} // namespace test
