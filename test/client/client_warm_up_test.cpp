// Connections that a client opens ahead.
#include "support/service.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <vector>

using namespace test;
using sts::error_kind;

namespace {

std::exception_ptr wait(service& on, sts::client const& sts_client, std::size_t connections) {
    std::exception_ptr failed;
    bool done = false;
    asio::co_spawn(on.context, sts_client.warm_up(connections), [&](std::exception_ptr thrown) {
        failed = thrown;
        done = true;
    });
    run_until(on.context, [&] { return done; });
    return failed;
}

sts::error_info told(std::exception_ptr const& failed) {
    try {
        if (failed) std::rethrow_exception(failed);
    } catch (sts::error const& error) {
        return error.info();
    }
    BOOST_REQUIRE_MESSAGE(false, "nothing was thrown");
    return {};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(warm_up, service)

BOOST_AUTO_TEST_CASE(opens_connections_that_the_first_exchanges_then_use) {
    auto const sts_client = client();
    BOOST_TEST(!wait(*this, sts_client, 5));
    BOOST_TEST(sts_client.stats().idle == 5U);
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.handshakes() == 5U);
    BOOST_TEST(!wait(*this, sts_client, 3)); // are there already
    BOOST_TEST(mock.handshakes() == 5U);
    BOOST_TEST(!wait(*this, sts_client, 0));
}

BOOST_AUTO_TEST_CASE(opens_no_more_than_the_limit) {
    auto limited = options();
    limited.pool.max_connections = 2;
    auto const sts_client = client(limited);
    BOOST_TEST(!wait(*this, sts_client, 100));
    BOOST_TEST(sts_client.stats().open == 2U);
}

BOOST_AUTO_TEST_CASE(tells_why_it_cannot) {
    auto options = this->options();
    {
        sts::testing::mock_sts const gone;
        options.endpoint = sts::endpoint(gone.url());
    }
    auto const sts_client = client(options);
    BOOST_TEST(told(wait(*this, sts_client, 20)).kind == error_kind::connect);
    BOOST_TEST(sts_client.stats().opening == 0U);
}

BOOST_AUTO_TEST_CASE(ends_with_the_client_and_with_its_caller) {
    asio::ip::tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
    auto options = this->options();
    options.endpoint =
        sts::endpoint("https://localhost:" + std::to_string(silent.local_endpoint().port()) + "/");
    for (bool const by_closing : {false, true}) {
        auto const sts_client = client(options);
        asio::cancellation_signal signal;
        std::exception_ptr failed;
        bool done = false;
        asio::co_spawn(context, sts_client.warm_up(2),
                       asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr thrown) {
                           failed = thrown;
                           done = true;
                       }));
        run_until(context, [&] { return sts_client.stats().opening == 2; });
        if (by_closing)
            sts_client.close();
        else
            asio::post(context, [&] { signal.emit(asio::cancellation_type::terminal); });
        run_until(context, [&] { return done; });
        BOOST_TEST(told(failed).kind == error_kind::canceled);
        sts_client.close();
    }
}

BOOST_AUTO_TEST_CASE(S10_a_cold_start_of_a_thousand_takes_at_most_the_connections_allowed) {
    auto const sts_client = client();
    std::vector<std::unique_ptr<started>> all;
    for (int i = 0; i < 1000; ++i)
        all.push_back(std::make_unique<started>(context, sts_client, request()));
    for (auto const& one : all)
        BOOST_TEST(one->wait().has_value());
    BOOST_TEST(mock.handshakes() <= 64U);
}

BOOST_AUTO_TEST_SUITE_END()
