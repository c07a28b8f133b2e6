// What an observer is told of tokens.
#include "support/token_source.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <mutex>
#include <stdexcept>

using namespace test;
using sts::event_type;
using sts::testing::mock_answer;

namespace {

/// A source whose events are kept.
struct watched : sourced {
    sts::client_options observed() {
        auto options = one_attempt();
        options.observer = [this](sts::event const& one) {
            std::scoped_lock const lock(mutex);
            told.push_back(one);
        };
        return options;
    }

    std::size_t count(event_type type) {
        std::scoped_lock const lock(mutex);
        return static_cast<std::size_t>(
            std::count_if(told.begin(), told.end(), [&](auto const& one) { return one.type == type; }));
    }
    sts::event last(event_type type) {
        std::scoped_lock const lock(mutex);
        for (auto at = told.rbegin(); at != told.rend(); ++at)
            if (at->type == type) return *at;
        BOOST_FAIL("no such event");
        return {};
    }

    std::mutex mutex;
    std::deque<sts::event> told;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_events, watched)

BOOST_AUTO_TEST_CASE(L11_a_sources_events_have_its_name_and_its_requests_tag) {
    sts::refresh_options named;
    named.name = "orders";
    auto const tokens = source(client(observed()), request().tag(7), named);
    token_of(tokens);
    token_of(tokens);
    for (auto const type : {event_type::token_miss, event_type::attempt_began, event_type::attempt_ended,
                            event_type::token_refreshed, event_type::token_hit}) {
        BOOST_TEST(last(type).source == "orders");
        BOOST_TEST(last(type).tag == 7U);
    }
    BOOST_TEST(last(event_type::connection_opened).source.empty()); // it belongs to the client
}

BOOST_AUTO_TEST_CASE(a_miss_a_token_and_hits) {
    auto const tokens = source(client(observed()), request());
    token_of(tokens);
    BOOST_TEST(count(event_type::token_miss) == 1U);
    BOOST_TEST(count(event_type::token_hit) == 0U);
    auto const fresh = last(event_type::token_refreshed);
    BOOST_TEST(!fresh.failed);
    BOOST_TEST((fresh.duration > std::chrono::minutes(50)));
    BOOST_TEST((fresh.duration <= std::chrono::hours(1)));
    token_of(tokens);
    tokens.peek();
    BOOST_TEST(count(event_type::token_hit) == 2U);
    BOOST_TEST(count(event_type::token_refreshed) == 1U);
}

BOOST_AUTO_TEST_CASE(a_failure_without_a_token_and_with_one_that_is_still_good) {
    mock.next(mock_answer::error(503, ""));
    auto const tokens = source(client(observed()), request());
    failure_of(tokens);
    auto const failed = last(event_type::token_failed);
    BOOST_TEST(failed.failed);
    BOOST_TEST(failed.kind == sts::error_kind::unavailable);
    BOOST_TEST(failed.http_status == 503U);
    BOOST_TEST(count(event_type::token_stale) == 0U);

    // A token of 3 s is due after 1.5 s at the latest; then the service is down.
    mock.next(mock_answer::with(200,
                                R"({"access_token":"abc","token_type":"Bearer","expires_in":3,)"
                                R"("issued_token_type":"urn:ietf:params:oauth:token-type:access_token"})"));
    auto const short_lived = source(client(observed()), request());
    token_of(short_lived);
    mock.always(mock_answer::error(503, ""));
    run_until(context, [&] { return count(event_type::token_stale) != 0; });
    BOOST_TEST(last(event_type::token_stale).kind == sts::error_kind::unavailable);
    BOOST_TEST(short_lived.peek() != nullptr);
}

BOOST_AUTO_TEST_CASE(L4_an_observer_that_throws_changes_nothing) {
    auto options = one_attempt();
    options.observer = [](sts::event const&) { throw std::runtime_error("no"); };
    auto const tokens = source(client(options), request());
    BOOST_TEST(token_of(tokens) == token_of(tokens));
}

BOOST_AUTO_TEST_CASE(an_observer_may_ask_the_source) {
    std::optional<sts::token_source> tokens;
    auto options = one_attempt();
    std::size_t asked = 0;
    bool inside = false;
    options.observer = [&](sts::event const&) {
        if (!tokens || inside) return;
        inside = true; // its own look at the token is an event too
        asked += tokens->stats().fetches + (tokens->peek() ? 1 : 0);
        inside = false;
    };
    tokens.emplace(client(options), request());
    token_of(*tokens);
    BOOST_TEST(asked != 0U);
    tokens->close();
    tokens.reset();
}

BOOST_AUTO_TEST_SUITE_END()
