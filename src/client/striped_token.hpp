// The current token, where every thread can take it without waiting for another.
//
// The contended resource is the reference count of a shared pointer. So each of a few stripes has a counted
// copy of its own, behind a lock of a few instructions, and a thread keeps to its stripe.
#pragma once

#include "client/stripes.hpp"
#include "client/token_view.hpp"

#include <array>
#include <cstdint>

namespace equinix::sts::client_detail {

class striped_token {
public:
    sight look() noexcept;

    /// Replaces the token; null removes it. `used`: a caller has it already.
    void set(token_ptr const& fresh, time_stamp served_until, time_stamp due, bool used) noexcept;

    /// Sets when the current token is due for refresh.
    void set_due(time_stamp due) noexcept;

    /// Whether the token was taken since it was set.
    bool was_used() noexcept;

    /// How often the token was taken.
    std::uint64_t hits() noexcept;

private:
    struct alignas(apart) stripe {
        spin_lock lock;
        bool used = false;
        token_view view;
        std::uint64_t hits = 0;
    };
    stripe& own() noexcept { return stripes_[own_stripe()]; }

    std::array<stripe, stripe_count> stripes_;
};

} // namespace equinix::sts::client_detail
