#include "client/warm_ups.hpp"

#include "base/failure.hpp"

namespace equinix::sts::client_detail {
namespace {

/// Whether a wait is over; `failure` is set if it failed.
bool is_over(warm_up_waiter& one, core::pool_core const& core, bool closed) noexcept {
    if (core.open() >= one.connections) {
        one.failure.reset();
    } else if (closed) {
        one.failure = base::failure(error_kind::canceled, phase::none, "the client is closed");
    } else if (core.is_opening()) {
        return false;
    } else if (!one.failure) {
        one.failure = base::failure(error_kind::network, phase::connect,
                                    "connections were lost while others were opened");
    }
    return true;
}

} // namespace

void warm_ups::leave(warm_up_waiter& one, error_info why, suspended_callers& resume) noexcept {
    if (!one.is_linked()) return;
    one.failure = std::move(why);
    end(one, resume);
}

void warm_ups::end(warm_up_waiter& one, suspended_callers& resume) noexcept {
    waiting_.erase(waiting_.iterator_to(one));
    resume.push_back(one.caller);
}

void warm_ups::open_failed(error_info const& why) noexcept {
    for (auto& one : waiting_)
        one.failure = base::copy_of(why);
}

void warm_ups::open_again(core::pool_core& core, base::clock::time_point now,
                          core::pool_core::plan& plan) const {
    for (auto const& one : waiting_)
        core.warm_up(one.connections, now, plan);
}

void warm_ups::settle(core::pool_core const& core, bool closed, suspended_callers& resume) noexcept {
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        auto& one = *at++;
        if (is_over(one, core, closed)) end(one, resume);
    }
}

void warm_ups::time_out(base::clock::time_point now, phase waiting_for, suspended_callers& resume) noexcept {
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        auto& one = *at++;
        if (one.deadline <= now)
            leave(one,
                  base::failure(error_kind::timeout, waiting_for,
                                "the warm-up did not finish within client_options::timeout"),
                  resume);
    }
}

void warm_ups::give_up(suspended_callers& callers) noexcept {
    for (; !waiting_.empty(); waiting_.pop_front())
        callers.push_back(waiting_.front().caller);
}

} // namespace equinix::sts::client_detail
