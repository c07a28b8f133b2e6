#include "core/token_fsm.hpp"

#include "base/failure.hpp"

#include <boost/assert.hpp>

#include <utility>

namespace equinix::sts::core {

using verdict = refresh_core::verdict;

/// The only function that writes the state: each action leads to one.
token_fsm::step token_fsm::resume(event const& what) noexcept {
    auto const next = decide(what);
    switch (next.flight) {
    case action::none:
        break;
    case action::want:
        state_ = state::wanted;
        break;
    case action::refresh:
        state_ = state::due;
        break;
    case action::begin:
        state_ = state::flying;
        break;
    case action::abandon:
        ++abandoned_;
        [[fallthrough]];
    case action::forgo:
    case action::land:
        state_ = state::resting;
        break;
    }
    return next;
}

token_fsm::step token_fsm::decide(event const& what) noexcept {
    using type = event::type;
    switch (what.is) {
    case type::asked:
        return ask(what);
    case type::peeked:
        if (!refresh_.holds(what.now)) return {};
        return what.closing ? step{answer::token} : serve(what.now);
    case type::tended:
        return {answer::nothing, serve(what.now).flight};
    case type::left:
        if (what.others_wait || refresh_.holds(what.now)) return {};
        return {answer::nothing, end()};
    case type::begun:
        BOOST_ASSERT(state_ == state::wanted || state_ == state::due);
        return {answer::nothing, action::begin};
    case type::failed:
        BOOST_ASSERT(state_ == state::wanted || state_ == state::due);
        refresh_.failed(refresh_core::failure::passing, what.now, what.random);
        return {answer::nothing, action::forgo};
    case type::landed:
        return land(what);
    case type::erased:
        ++erasures_;
        erased_ = true;
        look_only_ = false;
        refresh_.forget();
        return {answer::nothing, end()};
    case type::rekeyed:
        ++erasures_;
        look_only_ = false;
        refresh_.forget();
        return {answer::nothing, end()};
    case type::missed:
        BOOST_ASSERT(state_ == state::resting);
        return {answer::nothing, action::want};
    case type::dropped:
        BOOST_ASSERT(state_ == state::due);
        return {answer::nothing, action::forgo};
    case type::closed:
        return {answer::nothing, end()};
    case type::lost:
        abandoned_ = 0;
        return {answer::nothing, action::forgo};
    }
    return {};
}

/// No flight is wanted any longer.
token_fsm::action token_fsm::end() noexcept {
    if (state_ == state::resting) return action::none;
    return state_ == state::flying ? action::abandon : action::forgo;
}

/// The token that holds at this time, and whether it is time for the next one.
token_fsm::step token_fsm::serve(time_stamp now) const noexcept {
    auto const said = refresh_.ask(now, is_flying());
    return {answer::token, said == verdict::refresh ? action::refresh : action::none};
}

token_fsm::step token_fsm::ask(event const& asked) noexcept {
    auto const said = refresh_.ask(asked.now, is_flying());
    if (said == verdict::serve || said == verdict::refresh) return serve(asked.now);
    bool look = false;
    if (said == verdict::refuse) { // another subject token justifies a flight
        look = asked.may_differ && asked.in_time && refresh_.look_again(asked.now);
        if (!look) return {answer::failure};
    }
    if (!asked.in_time) return {answer::no_time};
    erased_ = false;
    if (said == verdict::wait) return {answer::wait, state_ == state::due ? action::want : action::none};
    look_only_ = look; // an earlier look may have been abandoned
    return {answer::wait, action::want};
}

token_fsm::step token_fsm::land(event const& landed) noexcept {
    BOOST_ASSERT(landed.counts ? state_ == state::flying : abandoned_ != 0);
    step next;
    if (landed.counts)
        next.flight = action::land;
    else
        --abandoned_;
    // The machine was suspended during the exchange, or its clock was set: the next one will tell.
    bool const slept = landed.now.system >= landed.ends.system && landed.now.steady < landed.ends.steady;
    if (landed.erasures != erasures_ || (landed.has_token && slept))
        next.landed = landing::ignored; // callers that asked since then must not get its token
    else if (landed.has_token && (landed.counts || !refresh_.holds(landed.now)))
        next.landed = landing::received;
    else if (landed.counts)
        next.landed = landing::failed;
    return next;
}

token_fsm::meaning token_fsm::failed(error_info const& why, bool had_failed, time_stamp now,
                                     std::uint32_t random) noexcept {
    bool const by_supplier = why.phase == phase::supplier; // also for a refusal by another service
    bool const looked = std::exchange(look_only_, false);
    if (looked && had_failed && by_supplier && why.kind == error_kind::oauth) return meaning::as_before;
    bool const for_good = base::is_permanent_refusal(why);
    refresh_.failed(by_supplier        ? refresh_core::failure::subject
                    : for_good         ? refresh_core::failure::permanent
                    : why.budget_spent ? refresh_core::failure::overload
                                       : refresh_core::failure::passing,
                    now, random);
    return for_good ? meaning::refusal : meaning::new_failure;
}

bool token_fsm::received(token const& fresh, base::jwt_times const& subject, time_stamp now,
                         refresh_options const& options, std::uint32_t random) noexcept {
    look_only_ = false;
    return refresh_.received(fresh, subject, now, options, random);
}

} // namespace equinix::sts::core
