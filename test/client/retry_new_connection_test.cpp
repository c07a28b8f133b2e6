// A retry goes another way than the attempt that failed (cases C23, E15, G17 of doc/faults.md).
#include "support/front.hpp"
#include "support/service.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using manner = front::manner;
using sts::error_kind;
using sts::testing::mock_answer;

namespace {

struct fixture : service {
    front before{context, mock.port()};

    sts::client_options through() const {
        auto made = hasty();
        made.endpoint = sts::endpoint("https://localhost:" + std::to_string(before.port()) + "/use/token");
        return made;
    }
    /// Each exchange over a connection of its own.
    sts::client_options unpooled() const {
        auto made = through();
        made.pool.max_uses = 1;
        return made;
    }
    /// This many idle connections.
    void open(sts::client const& client, std::size_t connections) {
        std::deque<started> all;
        for (std::size_t i = 0; i < connections; ++i) {
            mock.next(mock_answer::genuine().hold());
            all.emplace_back(context, client, request());
        }
        run_until(context, [&] { return client.stats().leased == connections; });
        mock.release();
        for (auto& one : all)
            BOOST_TEST(one.wait().has_value());
        BOOST_REQUIRE(client.stats().idle == connections);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(another_way, fixture)

BOOST_AUTO_TEST_CASE(C23_a_session_that_is_no_longer_taken_is_given_up) {
    for (auto const how : {manner::close, manner::reset, manner::alert}) {
        before.decide = [](bool) { return manner::carry; };
        auto options = unpooled();
        options.retry.max_attempts = 1; // it is no attempt
        auto const sts_client = client(options);
        BOOST_TEST(exchange(sts_client).has_value());
        before.decide = [how](bool offered) { return offered ? how : manner::carry; };
        before.accepted = before.offers = 0;
        for (int i = 0; i < 5; ++i)
            BOOST_TEST(exchange(sts_client).has_value());
        auto const numbers = sts_client.stats();
        BOOST_TEST(numbers.sessions_refused == before.offers);
        BOOST_TEST(before.accepted == 5U + before.offers);
        BOOST_TEST(numbers.handshakes_resumed == 0U);
        BOOST_TEST(numbers.handshakes_full == 6U);
        BOOST_TEST(numbers.retries == 0U);
    }
}

BOOST_AUTO_TEST_CASE(C23_a_server_that_refuses_without_a_session_too_is_refused_once_more_only) {
    auto options = unpooled();
    options.retry.max_attempts = 1;
    auto const sts_client = client(options);
    BOOST_TEST(exchange(sts_client).has_value());
    before.decide = [](bool) { return manner::alert; };
    before.accepted = 0;
    auto const info = failure(sts_client);
    BOOST_TEST(info.kind == error_kind::tls);
    BOOST_TEST((info.code.category() == sts::tls_alert_category()));
    BOOST_TEST(info.attempts == 1U);
    BOOST_TEST(before.accepted == 2U);
}

BOOST_AUTO_TEST_CASE(E15_connections_that_went_silent_cost_one_timeout) {
    auto options = through();
    options.attempt_timeout = 3s; // a handshake takes less, whatever the tests run under
    auto const sts_client = client(options);
    open(sts_client, 4);
    before.forget_connections();
    before.accepted = 0;
    BOOST_TEST(exchange(sts_client).has_value());
    auto const numbers = sts_client.stats();
    BOOST_TEST(numbers.retries == 1U);
    BOOST_TEST(before.accepted == 1U);
    BOOST_TEST(numbers.open == 1U);
    BOOST_TEST(exchange(sts_client).has_value()); // pays nothing
    BOOST_TEST(sts_client.stats().retries == 1U);
}

BOOST_AUTO_TEST_CASE(E15_so_does_an_exchange_that_ends_by_its_deadline) {
    auto const sts_client = client(through());
    open(sts_client, 4);
    before.forget_connections();
    BOOST_TEST(failure(sts_client, request().timeout(200ms)).kind == error_kind::timeout);
    BOOST_TEST(sts_client.stats().open == 0U);
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(sts_client.stats().retries == 0U);
}

BOOST_AUTO_TEST_CASE(E15_a_cancellation_says_nothing_of_the_others) {
    auto const sts_client = client(through());
    open(sts_client, 4);
    mock.next(mock_answer::genuine().hold());
    started one(context, sts_client, request());
    run_until(context, [&] { return sts_client.stats().leased == 1; });
    one.cancel();
    BOOST_TEST(one.canceled());
    BOOST_TEST(sts_client.stats().idle == 3U);
    mock.release();
}

BOOST_AUTO_TEST_CASE(G17_a_sick_backend_behind_one_address_is_left) {
    sts::testing::mock_sts sick(same_certificate());
    sick.always(mock_answer::error(503, ""));
    front balancer(context, sick.port());
    auto options = through();
    options.endpoint = sts::endpoint("https://localhost:" + std::to_string(balancer.port()) + "/use/token");
    auto const sts_client = client(options);
    started first(context, sts_client, request());
    run_until(context, [&] { return sick.requests() == 1; }); // a connection to it is open
    balancer.lead_to(mock.port());
    BOOST_TEST(first.wait().has_value());
    auto const numbers = sts_client.stats();
    BOOST_TEST(numbers.retries == 1U);
    BOOST_TEST(sick.requests() == 1U);
    BOOST_TEST(numbers.open == 1U); // the one that works
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(sick.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(L11_the_observer_is_told_which_way_an_attempt_went) {
    std::vector<sts::event> ended;
    std::vector<std::string> addresses;
    auto options = through();
    options.pool.max_uses = 2;
    options.observer = [&](sts::event const& what) {
        if (what.type != sts::event_type::attempt_ended) return;
        ended.push_back(what);
        addresses.emplace_back(what.address);
    };
    auto const sts_client = client(options);
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(exchange(sts_client).has_value());
    BOOST_REQUIRE(ended.size() == 3U);
    auto const port = ":" + std::to_string(before.port());
    for (auto const& one : addresses)
        BOOST_TEST(one.ends_with(port), one);
    BOOST_TEST(!ended[0].reused);
    BOOST_TEST(!ended[0].resumed);
    BOOST_TEST(ended[1].reused);
    BOOST_TEST(!ended[1].resumed);
    BOOST_TEST(!ended[2].reused);
    BOOST_TEST(ended[2].resumed);
}

BOOST_AUTO_TEST_SUITE_END()
