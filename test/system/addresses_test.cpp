// One address of a host's is sick: the others are asked (case G18 of doc/faults.md).
#include "support/front.hpp"
#include "support/service.hpp"
#include "system/scripted_system.hpp"

#include <deque>

using namespace test;
using namespace std::chrono_literals;
using manner = front::manner;
using sts::error_kind;
using sts::testing::mock_answer;

namespace {

auto const first = asio::ip::make_address("127.0.0.2"), second = asio::ip::make_address("127.0.0.3");

/// A host of two addresses, both of which lead to the service.
struct two_addresses : service {
    two_addresses() : service(with_name()) { scripted::name("sts.test", {"127.0.0.2", "127.0.0.3"}); }
    static sts::testing::mock_options with_name() {
        sts::testing::mock_options made;
        made.certificate_names = {"sts.test"};
        return made;
    }

    front at_first{context, mock.port(), first};
    front at_second{context, mock.port(), second, at_first.port()};

    sts::client_options named() const {
        auto made = options();
        made.endpoint = sts::endpoint("https://sts.test:" + std::to_string(at_first.port()) + "/use/token");
        made.retry.base_delay = 1ns;
        made.connect_timeout = 3s; // a handshake takes less, whatever the tests run under
        made.attempt_timeout = 3s;
        return made;
    }
    /// Each exchange over a connection of its own.
    sts::client_options unpooled() const {
        auto made = named();
        made.pool.max_uses = 1;
        return made;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(addresses_of_a_host, two_addresses)

BOOST_AUTO_TEST_CASE(the_first_is_used_while_it_works) {
    auto const sts_client = client(unpooled());
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(at_first.accepted == 3U);
    BOOST_TEST(at_second.accepted == 0U);
}

BOOST_AUTO_TEST_CASE(G18_one_that_ends_the_handshake_gives_way_at_once) {
    for (auto const how : {manner::close, manner::reset, manner::alert}) {
        at_first.accepted = at_second.accepted = 0;
        at_first.decide = [how](bool) { return how; };
        auto options = unpooled();
        options.retry.max_attempts = 1; // it is no attempt
        auto const sts_client = client(options);
        for (int i = 0; i < 3; ++i)
            BOOST_TEST(exchange(sts_client).has_value());
        BOOST_TEST(at_first.accepted == 1U); // and is remembered
        BOOST_TEST(at_second.accepted == 3U);
        BOOST_TEST(sts_client.stats().retries == 0U);
    }
}

BOOST_AUTO_TEST_CASE(G18_one_that_says_nothing_costs_one_timeout) {
    at_first.decide = [](bool) { return manner::silent; };
    auto const sts_client = client(unpooled());
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(at_first.accepted == 1U);
    BOOST_TEST(sts_client.stats().retries == 1U);
}

BOOST_AUTO_TEST_CASE(G18_one_that_answers_503_is_asked_once) {
    sts::testing::mock_sts sick(same_certificate());
    sick.always(mock_answer::error(503, ""));
    at_first.lead_to(sick.port());
    auto const sts_client = client(named());
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(sick.requests() == 1U);
    BOOST_TEST(sts_client.stats().retries == 1U);
    auto const numbers = sts_client.stats();
    BOOST_TEST(numbers.open == 1U); // none to the sick one
    BOOST_REQUIRE(numbers.addresses.size() == 2U);
    BOOST_TEST(numbers.addresses[0].address == "127.0.0.2");
    BOOST_TEST(numbers.addresses[0].connections == 1U);
    BOOST_TEST(numbers.addresses[0].failures == 1U);
    BOOST_TEST(numbers.addresses[0].avoided);
    BOOST_TEST(numbers.addresses[1].connections == 1U);
    BOOST_TEST(!numbers.addresses[1].avoided);
}

BOOST_AUTO_TEST_CASE(G18_one_that_ends_connections_in_an_exchange_is_asked_once) {
    sts::testing::mock_sts sick(in_that_protocol(same_certificate()));
    sick.always(mock_answer::genuine().cut_after(0));
    at_first.lead_to(sick.port());
    auto const sts_client = client(unpooled());
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(sick.requests() == 1U);
    auto const numbers = sts_client.stats();
    BOOST_TEST(numbers.retries == 1U);
    BOOST_REQUIRE(numbers.addresses.size() == 2U);
    BOOST_TEST(numbers.addresses[0].failures == 1U);
    BOOST_TEST(numbers.addresses[0].avoided);
}

BOOST_AUTO_TEST_CASE(G18_one_that_ends_what_many_share_is_to_blame_once) {
    sts::testing::mock_sts sick(in_that_protocol(same_certificate()));
    sick.always(mock_answer::genuine().hold().cut_after(0));
    at_first.lead_to(sick.port());
    std::deque<started> all;
    auto const sts_client = client(named());
    for (int i = 0; i < 8; ++i)
        all.emplace_back(context, sts_client, request());
    run_until(context, [&] { return sick.requests() == 8; });
    sick.release();
    for (auto& one : all)
        BOOST_TEST(one.wait().has_value());
    auto const numbers = sts_client.stats();
    BOOST_TEST(numbers.retries + numbers.replaced == 8U); // those with a resumed TLS session are replaced
    BOOST_REQUIRE(numbers.addresses.size() == 2U);
    BOOST_TEST(numbers.addresses[0].failures >= 1U);
    BOOST_TEST(numbers.addresses[0].failures <= numbers.addresses[0].connections);
    BOOST_TEST(numbers.addresses[0].avoided);
    BOOST_TEST(numbers.addresses[1].failures == 0U);
}

BOOST_AUTO_TEST_CASE(G18_an_idle_connection_that_was_ended_says_nothing_of_its_address) {
    auto const sts_client = client(named());
    BOOST_TEST(exchange(sts_client).has_value());
    mock.next(mock_answer::genuine().cut_after(0)); // the second on its connection
    BOOST_TEST(exchange(sts_client).has_value());
    auto const numbers = sts_client.stats();
    BOOST_TEST(numbers.replaced == 1U);
    BOOST_REQUIRE(numbers.addresses.size() == 2U);
    BOOST_TEST(numbers.addresses[0].failures == 0U);
}

BOOST_AUTO_TEST_CASE(G18_a_misdirected_request_goes_to_the_other) {
    mock.next(mock_answer::error(421, ""));
    auto const sts_client = client(named());
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(at_first.accepted == 1U);
    BOOST_TEST(at_second.accepted == 1U);
}

BOOST_AUTO_TEST_CASE(G18_where_all_are_bad_all_are_tried_again) {
    std::size_t refused = 0;
    at_first.decide = at_second.decide = [&](bool) { return ++refused <= 4 ? manner::close : manner::carry; };
    auto const sts_client = client(unpooled());
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(at_first.accepted >= 2U);
    BOOST_TEST(at_second.accepted >= 2U);
}

BOOST_AUTO_TEST_CASE(G18_a_port_that_refuses_is_remembered_too) {
    scripted::name("sts.test", {"127.0.0.4", "127.0.0.3"});
    auto const sts_client = client(unpooled());
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(at_second.accepted == 3U);
    BOOST_TEST(sts_client.stats().retries == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
