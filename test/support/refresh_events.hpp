// Events for the schedule of one token in any order, beside a model that knows what may be answered.
#pragma once

#include "core/refresh_core.hpp"
#include "support/byte_source.hpp"

#include <array>

namespace test {

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;

/// Throws when the schedule breaks a rule: a token served beyond its end on either clock, a flight beside
/// another or within the time of peace after a failure, a caller that is refused without end.
class refresh_events {
public:
    /// How often callers were given each answer.
    struct answers {
        int served = 0, refreshed = 0, waited = 0, flown = 0, refused = 0;
    };

    explicit refresh_events(byte_source& choices) : choose_(choices) {}

    answers run() {
        while (!choose_.empty())
            step();
        return given_;
    }

private:
    using refresh_core = core::refresh_core;
    using failure = refresh_core::failure;
    using verdict = refresh_core::verdict;
    using clock = base::clock;
    using time_stamp = equinix::sts::time_stamp;
    using nanoseconds = std::chrono::nanoseconds;
    using milliseconds = std::chrono::milliseconds;
    using seconds = std::chrono::seconds;
    using hours = std::chrono::hours;

    void step() {
        switch (choose_.below(12)) {
        case 0:
            return received();
        case 1:
        case 2:
            return failed();
        case 3:
            return invalidated();
        case 4: // the wall clock is set, or the machine was suspended
            if (choose_.one_in(10)) now_.system += seconds(choose_.number(3) % 172'800) - hours(24);
            if (choose_.one_in(10)) now_.system += seconds(choose_.number(3) % 86'400);
            return;
        case 5:
            return pass(seconds(choose_.below(600)));
        case 6:
            return pass(milliseconds(choose_.below(500)));
        case 7:
            return looked();
        case 8:
            return forgotten();
        default:
            return asked(choose_.one_in(4));
        }
    }

    void pass(nanoseconds span) {
        now_.steady += span;
        now_.system += span;
    }

    bool holds() const { return held_ && now_.steady < until_.steady && now_.system < until_.system; }

    void received() {
        constexpr std::array<seconds::rep, 10> lifetimes = {0,   1,   2,    59,     60,
                                                            300, 600, 3600, 86'400, 3'153'600'000};
        auto const named = seconds(lifetimes[choose_.below(lifetimes.size())]);
        equinix::sts::token fresh;
        if (!choose_.one_in(8)) fresh.expires_in = named;
        auto const took = milliseconds(choose_.below(3000));
        fresh.requested = {now_.steady - took, now_.system - took};
        bool const kept = state_.received(fresh, subject(), now_, options_, random());
        require(kept == (fresh.expires_in && named > seconds(0)),
                "a token was kept that has no lifetime, or the reverse");
        closed_until_ = open_from_ = clock::time_point::min();
        if (!kept) return;
        auto const life = std::min<nanoseconds>(named, hours(24));
        auto const span = life - std::min<nanoseconds>(seconds(60), life / 10);
        held_ = true;
        until_ = {fresh.requested.steady + span, fresh.requested.system + span};
        require(state_.served_until().steady == until_.steady &&
                    state_.served_until().system == until_.system,
                "a token is served to another moment than its margin says");
        require(state_.due().steady >= fresh.requested.steady + life / 10 * 4, "a refresh is due too early");
    }

    /// The times of a subject token, some of them absurd.
    base::jwt_times subject() {
        base::jwt_times made;
        if (choose_.one_in(2)) return made;
        auto const around = [&] { return now_.system + seconds(choose_.number(3)) - hours(24 * 97); };
        if (!choose_.one_in(4)) made.issued = around();
        if (!choose_.one_in(4)) made.expires = around();
        return made;
    }

    void failed() {
        auto const how = static_cast<failure>(choose_.below(3));
        state_.failed(how, now_, random());
        closed_until_ =
            now_.steady + (how == failure::permanent ? nanoseconds(seconds(10)) : milliseconds(150));
        open_from_ = now_.steady + seconds(60);
        refused_for_good_ = refused_for_good_ || how == failure::permanent;
    }

    void invalidated() {
        if (!state_.invalidate(now_)) return;
        require(held_, "a token was given up that was not there");
        held_ = false;
        closed_until_ = open_from_ = clock::time_point::min();
    }

    void looked() {
        if (!state_.look_again(now_)) return;
        require(refused_for_good_, "another subject token is looked for though none was refused");
        require(!state_.look_again(now_), "another subject token is looked for twice at once");
    }

    void forgotten() {
        if (!choose_.one_in(8)) return;
        state_.forget();
        held_ = false;
    }

    void asked(bool flying) {
        auto const said = state_.ask(now_, flying);
        bool const serves = said == verdict::serve || said == verdict::refresh;
        bool const begins = said == verdict::refresh || said == verdict::fly;
        require(state_.holds(now_) == holds(), "a token is held that is over, or not held though it is not");
        require(serves == holds(), "a token that is over was served, or one that holds was not");
        require(!(begins && flying), "two flights at once");
        require(!(begins && now_.steady < closed_until_), "a flight was begun too soon after a failure");
        require(!(said == verdict::refuse && now_.steady >= open_from_),
                "a caller was refused too late after a failure");
        require((said == verdict::wait) == (flying && !holds()),
                "a caller waits for nothing, or does not wait");
        given_.served += said == verdict::serve ? 1 : 0;
        given_.refreshed += said == verdict::refresh ? 1 : 0;
        given_.waited += said == verdict::wait ? 1 : 0;
        given_.flown += said == verdict::fly ? 1 : 0;
        given_.refused += said == verdict::refuse ? 1 : 0;
    }

    std::uint32_t random() { return static_cast<std::uint32_t>(choose_.number(4)); }

    byte_source& choose_;
    equinix::sts::refresh_options options_;
    refresh_core state_;
    time_stamp now_{clock::time_point() + hours(1000),
                    std::chrono::system_clock::time_point() + hours(24 * 365 * 57)};

    bool held_ = false;
    time_stamp until_{};
    clock::time_point closed_until_ = clock::time_point::min(); // at least
    clock::time_point open_from_ = clock::time_point::min();    // at the latest
    bool refused_for_good_ = false;
    answers given_;
};

} // namespace test
