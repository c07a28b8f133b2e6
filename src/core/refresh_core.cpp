#include "core/refresh_core.hpp"

#include "base/back_off.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace equinix::sts::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr nanoseconds least_wait = milliseconds(200);
constexpr nanoseconds most_without_token = seconds(2);
constexpr nanoseconds young = seconds(10);
constexpr nanoseconds longest = std::chrono::hours(24) * 365 * 100; // as of a token; fits both clocks

time_stamp later(time_stamp from, nanoseconds span) noexcept {
    return {from.steady + span, from.system + span};
}

/// A service account's token is rewritten at 80 % of its lifetime. If that falls into the first half of the
/// time left for a refresh, the refresh waits for it: the new subject token lives longer, and so may the
/// token made from it.
nanoseconds until_rotation(base::jwt_times const& subject, time_stamp from, nanoseconds due,
                           nanoseconds served) noexcept {
    if (!subject.issued || !subject.expires || *subject.expires <= *subject.issued) return due;
    auto const life = *subject.expires - *subject.issued;
    auto const rotation = *subject.issued + life / 5 * 4 + std::min<nanoseconds>(seconds(5), life / 50);
    auto const wait = rotation - from.system;
    return wait > due && wait < due + (served - due) / 2 ? nanoseconds(wait) : due;
}

} // namespace

nanoseconds time_served(nanoseconds lifetime, refresh_options const& options) noexcept {
    auto const life = std::min(std::min(lifetime, options.max_lifetime), longest);
    return life - std::min(options.max_margin, life / 10);
}

refresh_core::verdict refresh_core::ask(time_stamp now, bool flying) const noexcept {
    if (holds(now)) {
        bool const begin = is_due(now) && !flying && now.steady >= window_end_;
        return begin ? verdict::refresh : verdict::serve;
    }
    if (flying) return verdict::wait;
    return now.steady < window_end_ ? verdict::refuse : verdict::fly;
}

bool refresh_core::look_again(time_stamp now) noexcept {
    if (permanent_ == 0 || now.steady < look_at_) return false;
    look_at_ = now.steady + seconds(1);
    return true;
}

bool refresh_core::received(token const& fresh, base::jwt_times const& subject, time_stamp now,
                            refresh_options const& options, std::uint32_t random) noexcept {
    std::optional<nanoseconds> lifetime = options.assumed_lifetime;
    if (fresh.expires_in) {
        auto const most = std::chrono::floor<seconds>(options.max_lifetime) + seconds(1);
        lifetime = std::min<nanoseconds>(std::min(*fresh.expires_in, most), options.max_lifetime);
    }
    failures_ = permanent_ = 0;
    window_end_ = base::clock::time_point::min();
    if (!lifetime || *lifetime <= nanoseconds::zero()) {
        if (holds(now)) due_ = after_no_better_one(now);
        return false;
    }

    auto const life = std::min(*lifetime, longest);
    auto const served = time_served(life, options);
    auto const latest = life - std::max(options.refresh_ahead, life / 5);
    auto due = std::max(latest, life / 2) - base::share_of(life / 10, random);
    due = until_rotation(subject, fresh.requested, due, served);
    auto const served_until = later(fresh.requested, served);

    // By either clock: after a suspend, the steady clock does not see that time has passed.
    auto const gain = std::min<nanoseconds>(seconds(1), life / 10);
    bool const improved = !holds(now) || served_until.steady > served_until_.steady + gain ||
                          served_until.system > served_until_.system + gain;
    BOOST_ASSERT(due > nanoseconds::zero() && due <= served && served <= life);
    served_until_ = served_until;
    due_ = later(fresh.requested, due);
    received_ = now;
    held_ = true;
    rejected_early_ = false;
    if (improved) {
        unimproved_ = 0;
    } else {
        auto const wait = after_no_better_one(now);
        due_ = {std::max(due_.steady, wait.steady), std::max(due_.system, wait.system)};
    }
    return true;
}

/// When to ask a service again that returned nothing better than the current token: asking immediately would
/// not help. No window, because nothing has failed: a caller that asks once the token has expired must
/// trigger the next flight.
time_stamp refresh_core::after_no_better_one(time_stamp now) noexcept {
    auto const wait = base::doubled(seconds(1), unimproved_, seconds(60));
    unimproved_ = std::min(unimproved_ + 1, 20U);
    return later(now, wait);
}

void refresh_core::failed(failure how, time_stamp now, std::uint32_t random) noexcept {
    nanoseconds wait{};
    if (holds(now)) {
        auto const left =
            std::min<nanoseconds>(served_until_.steady - now.steady, served_until_.system - now.system);
        auto const most = std::min<nanoseconds>(seconds(how == failure::subject ? 5 : 60), left / 4);
        wait = base::doubled(seconds(1), failures_, most);
        wait = std::max(least_wait, base::half_or_more_of(wait, random));
    } else {
        wait = least_wait * 3 / 4 + base::share_of(least_wait / 2, random);
        // Each caller may begin an exchange. Those of a whole fleet would be more than the retries that the
        // budget prevents.
        if (how == failure::overload)
            wait = std::max(wait, base::half_or_more_of(
                                      base::doubled(least_wait, failures_, most_without_token), random));
    }
    failures_ = std::min(failures_ + 1, 20U);
    // A failed look for another subject token leaves the window of the last refusal as it was.
    if (how == failure::subject && now.steady + wait < window_end_) wait = window_end_ - now.steady;
    if (how == failure::permanent) {
        wait = std::max(wait, base::doubled(seconds(10), permanent_, seconds(60)));
        permanent_ = std::min(permanent_ + 1, 20U);
        look_at_ = now.steady + seconds(1);
    } else if (how != failure::subject) {
        permanent_ = 0;
    }
    open_window(wait, now);
}

bool refresh_core::invalidate(time_stamp now) noexcept {
    if (!held_) return false;
    // A token that was rejected while young stays so. Otherwise the longer waits would outlast its youth, and
    // the count would begin anew.
    rejected_early_ = rejected_early_ || now.steady - received_.steady < young;
    if (rejected_early_ && last_invalidation_ != base::clock::time_point::min()) {
        if (now.steady < last_invalidation_ + base::doubled(seconds(1), invalidations_, seconds(60)))
            return false;
        invalidations_ = std::min(invalidations_ + 1, 20U);
    } else {
        invalidations_ = 0;
    }
    last_invalidation_ = now.steady;
    held_ = false;
    window_end_ = base::clock::time_point::min();
    return true;
}

void refresh_core::open_window(nanoseconds wait, time_stamp now) noexcept {
    window_end_ = now.steady + wait;
    // A token that holds is not due before. On both clocks, so that a caller need not look at a third time
    // point.
    due_ = later(now, wait);
}

} // namespace equinix::sts::core
