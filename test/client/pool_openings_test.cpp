// Connections that cannot be opened, as the exchanges that wait for them see it.
#include "support/service.hpp"

#include <vector>

using namespace test;
using sts::error_kind;
using sts::phase;

BOOST_AUTO_TEST_SUITE(connecting)

BOOST_AUTO_TEST_CASE(A4_reports_a_refused_connection) {
    service one;
    auto options = one.options();
    {
        sts::testing::mock_sts const gone;
        options.endpoint = sts::endpoint(gone.url());
    }
    options.retry.max_attempts = 1;
    auto const info = one.failure(one.client(options));
    BOOST_TEST(info.kind == error_kind::connect);
    BOOST_TEST(info.phase == phase::connect);
    BOOST_TEST((info.code == boost::system::errc::connection_refused));
    BOOST_TEST(info.attempts == 1U);
    BOOST_TEST(info.retryable());
}

BOOST_AUTO_TEST_CASE(A1_reports_a_name_that_does_not_resolve) {
    service one;
    auto options = one.options();
    options.endpoint = sts::endpoint("https://does-not-exist.invalid/use/token");
    auto const info = one.failure(one.client(options));
    // A resolver that keeps silent meets the connect bound instead.
    BOOST_TEST((info.kind == error_kind::dns || info.kind == error_kind::timeout));
    BOOST_TEST(info.phase == phase::dns);
}

// One server's refusal ends each of many exchanges, and each says why.
BOOST_AUTO_TEST_CASE(a_dead_server_fails_every_waiter_with_the_real_cause) {
    service one;
    auto options = one.options();
    options.pool.max_connections = 4;
    {
        sts::testing::mock_sts const gone;
        options.endpoint = sts::endpoint(gone.url());
    }
    auto const sts_client = one.client(options);
    std::vector<std::unique_ptr<started>> all;
    for (int i = 0; i < 50; ++i)
        all.push_back(std::make_unique<started>(one.context, sts_client, one.request()));
    for (auto const& it : all)
        BOOST_TEST(it->wait().error().kind == error_kind::connect);
}

BOOST_AUTO_TEST_SUITE_END()
