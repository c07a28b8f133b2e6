// The end of a pool's bookkeeping in a test.
#pragma once

#include "core/pool_core.hpp"

namespace test {

/// The waiter that a plan serves first, and the slot that it gets; null if there is none.
inline equinix::sts::core::pool_waiter* first_of(equinix::sts::core::pool_core::plan& plan) {
    return plan.to.empty() ? nullptr : &plan.to.front();
}
inline equinix::sts::core::pool_slot* slot_of(equinix::sts::core::pool_core::plan& plan) {
    return plan.to.empty() ? nullptr : plan.to.front().slot;
}

/// Closes the pool: its lists must not outlive the waiters and slots of the test.
inline void empty(equinix::sts::core::pool_core& pool) {
    equinix::sts::core::pool_core::plan rest;
    pool.close(rest);
    rest.drop.clear();
    rest.fail.clear();
}

} // namespace test
