// A token source in simulated time, with the mock service in real sockets.
#pragma once

#include "simulated/simulated_clock.hpp"
#include "support/polling.hpp"
#include "support/token_source.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace test {

inline sts::testing::mock_options lifetime_of(std::chrono::seconds lifetime) {
    sts::testing::mock_options setup;
    setup.lifetime = lifetime;
    return setup;
}

/// An answer with a token for so long.
inline sts::testing::mock_answer token_for(std::chrono::seconds lifetime) {
    return sts::testing::mock_answer::with(
        200, R"({"access_token":"abc","token_type":"Bearer","issued_token_type":)"
             R"("urn:ietf:params:oauth:token-type:access_token","expires_in":)" +
                 std::to_string(lifetime.count()) + "}");
}

/// Time stands still while anything is on its way through a socket: `run_until` would wait for ever for what
/// another thread does, `poll_until` looks.
struct simulation : sourced {
    explicit simulation(sts::testing::mock_options const& setup = sts::testing::mock_options())
        : sourced(setup), used(client(one_attempt())) {}

    /// A request whose own credentials never expire, whatever the clocks say.
    static sts::exchange_request credentials() {
        return sts::exchange_request::client_credentials()
            .scope(sts::scope::role_assignments("1"))
            .authentication(
                sts::client_authentication::secret_post("mock-client", sts::secret("mock-secret")));
    }

    /// Makes a source the one that is looked at.
    sts::token_source const& watch(sts::token_source made) {
        tokens.emplace(std::move(made));
        return *tokens;
    }
    sts::token_source const& watch() { return watch(source(used, credentials())); }

    bool is_quiet() const {
        auto const now = used.stats();
        if (now.leased + now.opening + now.waiting != 0) return false;
        return !tokens || tokens->stats().in_flight == 0;
    }

    /// Runs what there is to run at this time, until all is quiet.
    void settle() {
        context.restart();
        for (;;) {
            if (context.poll() != 0) continue;
            if (is_quiet()) return;
            BOOST_REQUIRE(!tokens || tokens->stats().in_flight <= 1U);
            std::this_thread::yield();
            if (context.stopped()) context.restart();
        }
    }

    /// Lets time go on in steps; `look` is called at each, when all is quiet.
    void run_for(
        std::chrono::nanoseconds span, std::chrono::nanoseconds step,
        std::function<void()> const& look = [] {}) {
        for (auto gone = std::chrono::nanoseconds(0); gone < span; gone += step) {
            simulated::advance(step);
            settle();
            look();
        }
    }

    /// What a caller gets who comes now and whom no time can help.
    token_outcome get_now() {
        waiting one(context, [&] { return tokens->try_get(); });
        settle();
        BOOST_REQUIRE(one.done());
        return std::move(one.wait());
    }

    sts::client used;
    std::optional<sts::token_source> tokens;
};

/// Whose tokens live for so long.
template <int Seconds>
struct living_for : simulation {
    living_for() : simulation(lifetime_of(std::chrono::seconds(Seconds))) {}
};

} // namespace test
