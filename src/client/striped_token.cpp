#include "client/striped_token.hpp"

#include "client/clocks.hpp"
#include "client/counted_copy.hpp"

#include <mutex>

namespace equinix::sts::client_detail {
namespace {

using hold = std::scoped_lock<spin_lock>;

} // namespace

sight striped_token::look() noexcept {
    token_view::moment const now(lately_on_both_clocks());
    auto& mine = own();
    hold const held(mine.lock);
    auto seen = mine.view.look(now);
    if (!seen.token) return seen;
    mine.used = true;
    ++mine.hits;
    return seen;
}

void striped_token::set(token_ptr const& fresh, time_stamp served_until, time_stamp due, bool used) noexcept {
    for (auto& one : stripes_) {
        auto copy = counted_copy(fresh);
        hold const now(one.lock);
        one.view.held.swap(copy);
        one.view.until = token_view::moment(served_until);
        one.view.due = token_view::moment(due);
        one.used = used;
    }
}

void striped_token::set_due(time_stamp due) noexcept {
    for (auto& one : stripes_) {
        hold const now(one.lock);
        one.view.due = token_view::moment(due);
    }
}

bool striped_token::was_used() noexcept {
    for (auto& one : stripes_) {
        hold const now(one.lock);
        if (one.used) return true;
    }
    return false;
}

std::uint64_t striped_token::hits() noexcept {
    std::uint64_t sum = 0;
    for (auto& one : stripes_) {
        hold const now(one.lock);
        sum += one.hits;
    }
    return sum;
}

} // namespace equinix::sts::client_detail
