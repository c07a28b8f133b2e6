// A service and clients that speak HTTP/2, and exchanges that are begun together.
#pragma once

#include "support/service.hpp"

#include <cstddef>
#include <deque>

namespace test {

inline sts::testing::mock_options usual() {
    sts::testing::mock_options made;
    made.http2 = true;
    return made;
}

struct over_http2 : service {
    explicit over_http2(sts::testing::mock_options const& setup = usual()) : service(setup) {}

    sts::client_options options(sts::http_version http = sts::http_version::http2) const {
        auto made = service::options();
        made.http = http;
        return made;
    }
    sts::client client(sts::http_version http = sts::http_version::http2) {
        return service::client(options(http));
    }
    sts::client client(sts::client_options const& with) { return service::client(with); }

    std::deque<started>& begin(sts::client const& client, int count) {
        for (int i = 0; i < count; ++i)
            all.emplace_back(context, client, request());
        return all;
    }
    int tokens() {
        int got = 0;
        for (auto& one : all)
            got += one.wait().has_value() ? 1 : 0;
        all.clear();
        return got;
    }
    /// Until the mock has received so many requests.
    void received(std::size_t count) {
        run_until(context, [&] { return mock.requests() >= count; });
    }

    std::deque<started> all;
};

} // namespace test
