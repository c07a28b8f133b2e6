// Connections: reused, limited, replaced, retired (section E of doc/faults.md).
#include "support/refused.hpp"
#include "support/service.hpp"

#include <memory>
#include <vector>

using namespace test;
using sts::error_kind;
using sts::phase;
using sts::testing::mock_answer;

namespace {

using batch = std::vector<std::unique_ptr<started>>;

batch start_many(service& on, sts::client const& client, int count) {
    batch all;
    for (int i = 0; i < count; ++i)
        all.push_back(std::make_unique<started>(on.context, client, on.request()));
    return all;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(pool, service)

BOOST_AUTO_TEST_CASE(E1_one_connection_serves_one_after_another) {
    auto const sts_client = client();
    for (int i = 0; i < 10; ++i)
        BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 1U);
    BOOST_TEST(mock.handshakes() == 1U);
}

BOOST_AUTO_TEST_CASE(many_at_once_share_the_connections_that_are_allowed) {
    auto limited = options();
    limited.pool.max_connections = 3;
    auto const sts_client = client(limited);
    for (auto const& one : start_many(*this, sts_client, 100))
        BOOST_TEST(one->wait().has_value());
    BOOST_TEST(mock.connections() == 3U);
    BOOST_TEST(mock.requests() == 100U);
}

BOOST_AUTO_TEST_CASE(E2_a_server_that_closes_after_each_answer_loses_nothing) {
    mock.always(mock_answer::genuine().close_after());
    auto const sts_client = client();
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.requests() == 20U);
}

BOOST_AUTO_TEST_CASE(E2_nor_one_that_does_so_by_force) {
    mock.always(mock_answer::genuine().reset_after());
    auto const sts_client = client();
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.requests() == 20U);
}

BOOST_AUTO_TEST_CASE(E3_a_fresh_connection_that_dies_unanswered_is_an_error) {
    mock.next(mock_answer::genuine().close_after(0));
    auto const info = failure(client(one_attempt()));
    BOOST_TEST(info.kind == error_kind::network);
    BOOST_TEST(info.phase == phase::read);
    BOOST_TEST(info.request_sent);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(a_reused_connection_that_dies_unanswered_is_replaced_once) {
    auto const sts_client = client(one_attempt());
    BOOST_TEST(exchange(sts_client).has_value());
    mock.next(mock_answer::genuine().reset_after(0));
    auto const replaced = exchange(sts_client);
    BOOST_TEST(replaced.has_value());
    BOOST_TEST(mock.requests() == 3U);

    mock.next(mock_answer::genuine().reset_after(0));
    mock.next(mock_answer::genuine().reset_after(0));
    auto const info = failure(sts_client);
    BOOST_TEST(info.kind == error_kind::network);
    BOOST_TEST(info.attempts == 1U);
    BOOST_TEST(mock.requests() == 5U);
}

BOOST_AUTO_TEST_CASE(a_reused_connection_that_dies_in_its_answer_is_not_replaced) {
    auto const sts_client = client(one_attempt());
    BOOST_TEST(exchange(sts_client).has_value());
    mock.next(mock_answer::genuine().close_after(10));
    BOOST_TEST(failure(sts_client).kind == error_kind::truncated);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(E4_idle_connections_that_the_server_closed_cost_no_exchange) {
    auto const sts_client = client();
    for (int round = 0; round < 5; ++round) {
        mock.always(mock_answer::genuine().hold());
        auto const all = start_many(*this, sts_client, 5);
        mock.release();
        for (auto const& one : all) {
            auto const& got = one->wait();
            BOOST_TEST(got.has_value(), (got.has_error() ? got.error().to_string() : ""));
        }
        mock.close_idle_connections();
    }
    mock.always(std::nullopt);
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.requests() == 26U);
}

BOOST_AUTO_TEST_CASE(E7_a_connection_is_retired_after_its_uses) {
    auto limited = options();
    limited.pool.max_uses = 2;
    auto const sts_client = client(limited);
    for (int i = 0; i < 6; ++i)
        BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 3U);
}

BOOST_AUTO_TEST_CASE(E6_an_idle_connection_is_closed_by_the_timer) {
    auto brief = options();
    brief.pool.idle_timeout = std::chrono::milliseconds(1);
    auto const sts_client = client(brief);
    BOOST_TEST(exchange(sts_client).has_value());
    context.restart();
    context.run(); // returns once nothing is left to wait for: the connection is gone
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 2U);
}

BOOST_AUTO_TEST_CASE(one_waiter_too_many_fails_at_once) {
    auto limited = options();
    limited.pool.max_connections = 1;
    limited.pool.max_waiters = 2;
    mock.always(mock_answer::genuine().hold());
    auto const sts_client = client(limited);
    started first(context, sts_client, request());
    run_until(context, [&] { return mock.requests() == 1; });
    auto all = start_many(*this, sts_client, 3);
    BOOST_TEST(all[2]->wait().error().kind == error_kind::limit);
    BOOST_TEST(contains(all[2]->wait().error().message, "max_waiters"));
    mock.release();
    BOOST_TEST(first.wait().has_value());
    BOOST_TEST(all[0]->wait().has_value());
    BOOST_TEST(all[1]->wait().has_value());
}

BOOST_AUTO_TEST_CASE(two_clients_share_nothing) {
    auto const one = client();
    auto const other = client();
    BOOST_TEST(exchange(one).has_value());
    BOOST_TEST(exchange(other).has_value());
    BOOST_TEST(mock.connections() == 2U);
    auto const copy = one; // NOLINT(performance-unnecessary-copy-initialization)
    BOOST_TEST(exchange(copy).has_value());
    BOOST_TEST(mock.connections() == 2U);
}

BOOST_AUTO_TEST_CASE(the_context_runs_dry_when_the_last_handle_is_gone) {
    {
        auto const sts_client = client();
        BOOST_TEST(exchange(sts_client).has_value());
    }
    context.restart();
    context.run();
    BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(a_temporary_client_lives_until_its_exchange_is_done) {
    bool done = false;
    asio::co_spawn(context, client().exchange(request()),
                   [&](std::exception_ptr failed, sts::token const& token) {
                       BOOST_TEST(!failed);
                       BOOST_TEST(!token.access_token.empty());
                       done = true;
                   });
    context.run();
    BOOST_TEST(done);
}

BOOST_AUTO_TEST_SUITE_END()
