// The end of a pool's bookkeeping in a test.
#pragma once

#include "core/pool_core.hpp"

namespace test {

/// Closes the pool: its lists must not outlive the waiters and slots of the test.
inline void empty(equinix::sts::core::pool_core& pool) {
    equinix::sts::core::pool_core::plan rest;
    pool.close(rest);
    rest.drop.clear();
    rest.fail.clear();
}

} // namespace test
