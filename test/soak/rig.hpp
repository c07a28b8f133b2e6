// What the scenarios share: a context, its coroutines, and numbers as people read them.
#pragma once

#include "soak/scenario.hpp"

#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cmath>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace soak {

namespace asio = boost::asio;
namespace sts = equinix::sts;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline double in_seconds(clock::duration span) {
    return std::chrono::duration<double>(span).count();
}

/// With so many digits behind the point.
inline std::string shown(double number, int digits = 0) {
    auto const scale = std::pow(10.0, digits);
    auto text = std::to_string(std::round(number * scale) / scale);
    return text.substr(0, text.find('.') + (digits == 0 ? 0 : static_cast<std::size_t>(digits) + 1));
}
inline std::string shown(std::uint64_t number) {
    return std::to_string(number);
}

/// A fixed answer: to sign a new token each time would take more than all the rest.
inline constexpr char fixed_token[] =
    R"({"access_token":"abc","token_type":"Bearer","expires_in":3600,)"
    R"("issued_token_type":"urn:ietf:params:oauth:token-type:access_token"})";

/// Of a client that asks a mock of this process.
inline sts::client_options options_for(sts::testing::mock_sts const& mock) {
    sts::client_options made;
    made.endpoint = sts::endpoint(mock.url());
    made.tls.ca_pem = mock.ca_pem();
    return made;
}

inline sts::exchange_request any_request() {
    return sts::exchange_request(sts::subject_token("a.soaked.token")).scope(sts::scope("roleassignments:1"));
}

/// Coroutines on a context of one thread, which are waited for together.
class crew {
public:
    void spawn(asio::awaitable<void> one) {
        ++working_;
        asio::co_spawn(context, std::move(one), [this](std::exception_ptr why) {
            if (why && !failure_) failure_ = why;
            --working_;
        });
    }

    /// Runs until all have ended; rethrows what one of them threw.
    void join() {
        context.restart();
        while (working_ != 0)
            if (context.run_one() == 0) throw std::runtime_error("a coroutine never completed");
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    }

    asio::io_context context;

private:
    std::size_t working_ = 0;
    std::exception_ptr failure_;
};

inline asio::awaitable<void> pause(clock::duration span) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, span);
    co_await timer.async_wait(asio::use_awaitable);
}

/// How much `y` grows with each of `x`, by least squares.
inline double slope(std::vector<std::pair<double, double>> const& points) {
    double x = 0, y = 0, xx = 0, xy = 0;
    for (auto const& [at, value] : points) {
        x += at;
        y += value;
        xx += at * at;
        xy += at * value;
    }
    auto const n = static_cast<double>(points.size());
    auto const spread = n * xx - x * x;
    return spread == 0 ? 0 : (n * xy - x * y) / spread;
}

} // namespace soak
