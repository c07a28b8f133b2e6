// A service that holds its answers back.
#pragma once

#include "support/service.hpp"

namespace test {

/// A service that answers only when told, with one exchange under way that it has received.
struct held : service {
    held() { mock.always(sts::testing::mock_answer::genuine().hold()); }

    std::unique_ptr<started> in_flight(sts::client const& on) {
        auto const before = mock.requests();
        auto one = std::make_unique<started>(context, on, request());
        run_until(context, [&] { return mock.requests() > before; });
        return one;
    }
    sts::client single() {
        auto limited = options();
        limited.pool.max_connections = 1;
        return client(limited);
    }
};

} // namespace test
