// The streams of one connection: each with an outcome of its own, refused, reset, limited.
#include "client/over_http2.hpp"

#include <cstddef>
#include <cstdint>

using namespace test;
using sts::error_kind;
using sts::testing::mock_answer;

namespace {

constexpr std::uint32_t internal_error = 2, refused_stream = 7;

sts::testing::mock_options with_streams(std::uint32_t count) {
    auto made = usual();
    made.max_streams = count;
    return made;
}

struct one_stream : over_http2 {
    one_stream() : over_http2(with_streams(1)) {}
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(http2, over_http2)

BOOST_AUTO_TEST_CASE(M2_four_outcomes_on_one_connection) {
    auto options = this->options();
    options.retry.max_attempts = 1;
    auto const sts_client = client(options);
    BOOST_TEST(exchange(sts_client).has_value());
    mock.next(mock_answer::genuine().hold());
    mock.next(mock_answer::stream_reset(internal_error));
    mock.next(mock_answer::stream_reset(refused_stream));
    begin(sts_client, 4);
    BOOST_TEST(all[1].wait().error().kind == error_kind::network);
    BOOST_TEST(all[1].wait().error().message.find("INTERNAL_ERROR") != std::string::npos);
    BOOST_TEST(all[2].wait().has_value()); // sent again over another connection: no attempt
    BOOST_TEST(all[3].wait().has_value());
    BOOST_TEST(!all[0].done());
    mock.release();
    BOOST_TEST(all[0].wait().has_value());
    BOOST_TEST(sts_client.stats().refused == 1U);
    BOOST_TEST(sts_client.stats().replaced == 0U);
}

BOOST_AUTO_TEST_CASE(M7_a_cancelled_exchange_costs_the_others_nothing) {
    auto const sts_client = client();
    mock.always(mock_answer::genuine().hold());
    begin(sts_client, 10);
    received(10);
    all[3].cancel();
    BOOST_TEST(all[3].canceled());
    mock.release();
    BOOST_TEST(tokens() == 9);
    BOOST_TEST(mock.connections() == 1U);
}

BOOST_FIXTURE_TEST_CASE(M22_a_server_of_one_stream_a_connection_gets_as_many_connections, one_stream) {
    auto const sts_client = client();
    BOOST_TEST(exchange(sts_client).has_value());
    mock.always(mock_answer::genuine().hold());
    begin(sts_client, 4);
    received(5);
    BOOST_TEST(mock.connections() == 4U);
    mock.release();
    BOOST_TEST(tokens() == 4);
}

BOOST_AUTO_TEST_CASE(M22_the_clients_own_limit_of_streams_spreads_exchanges) {
    auto options = this->options();
    options.pool.max_streams = 10;
    auto const sts_client = client(options);
    mock.always(mock_answer::genuine().hold());
    begin(sts_client, 30);
    received(30);
    BOOST_TEST(mock.connections() == 3U);
    mock.release();
    BOOST_TEST(tokens() == 30);
}

BOOST_AUTO_TEST_CASE(M23_what_was_refused_is_sent_again_even_if_nothing_may_be_sent_twice) {
    auto options = this->options();
    options.retry.replay = sts::replay_policy::unsent_only;
    options.retry.max_attempts = 1;
    auto const sts_client = client(options);
    mock.next(mock_answer::stream_reset(refused_stream));
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(M23_a_server_that_refuses_each_time_is_told_of) {
    auto options = this->options();
    options.retry.max_attempts = 1;
    auto const sts_client = client(options);
    mock.always(mock_answer::stream_reset(refused_stream));
    auto const info = failure(sts_client);
    BOOST_TEST(info.kind == error_kind::network);
    BOOST_TEST(info.message.find("refused the stream") != std::string::npos);
    BOOST_TEST(!info.request_sent);
    BOOST_TEST(mock.requests() == 5U);
}

BOOST_AUTO_TEST_CASE(M27_many_cancellations_reset_few_streams_and_drain_the_connection) {
    auto const sts_client = client();
    BOOST_TEST(exchange(sts_client).has_value());
    mock.always(mock_answer::genuine().hold());
    for (std::size_t round = 0; round < 3; ++round) {
        begin(sts_client, 60);
        received(1 + 60 * (round + 1));
        for (auto& one : all)
            one.cancel();
        for (auto& one : all)
            BOOST_TEST(one.canceled());
        all.clear();
    }
    // 100 of the 180 were reset, and the next 51 left to end by themselves.
    mock.always(mock_answer::genuine());
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 2U);
    mock.release();
}

BOOST_AUTO_TEST_SUITE_END()
