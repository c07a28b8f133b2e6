// Exchanges over HTTP/2 (section M of doc/faults.md): who speaks it, and what is told of it.
#include "client/over_http2.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

using namespace test;
using sts::error_kind;
using sts::http_version;
using sts::testing::mock_answer;

namespace {

constexpr std::uint32_t http_1_1_required = 13;

} // namespace

BOOST_FIXTURE_TEST_SUITE(http2, over_http2)

BOOST_AUTO_TEST_CASE(M21_sixty_four_tokens_from_nothing_cost_one_handshake) {
    auto const sts_client = client(http_version::automatic);
    begin(sts_client, 64);
    BOOST_TEST(tokens() == 64);
    BOOST_TEST(mock.connections() == 1U);
    BOOST_TEST(sts_client.stats().handshakes_full == 1U);
}

BOOST_AUTO_TEST_CASE(M21_a_server_without_http2_gets_a_connection_for_each) {
    over_http2 before((sts::testing::mock_options()));
    auto const sts_client = before.client(http_version::automatic);
    before.mock.always(mock_answer::genuine().hold());
    before.begin(sts_client, 5);
    before.received(5);
    BOOST_TEST(before.mock.connections() == 5U);
    before.mock.release();
    BOOST_TEST(before.tokens() == 5);
}

BOOST_AUTO_TEST_CASE(M21_by_default_the_server_chooses) {
    auto const sts_client = service::client(service::options());
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.raw_requests()[0].starts_with("POST /use/token HTTP/2"));
}

BOOST_AUTO_TEST_CASE(M21_only_http_1_1_is_offered_if_that_is_chosen) {
    auto const sts_client = client(http_version::http1);
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.raw_requests()[0].starts_with("POST /use/token HTTP/1.1"));
}

BOOST_AUTO_TEST_CASE(http1_is_never_offered_where_http2_is_required) {
    over_http2 before((sts::testing::mock_options()));
    auto brief = before.options();
    brief.retry.max_attempts = 1;
    auto const info = before.failure(before.client(brief));
    BOOST_TEST(info.kind == error_kind::tls);
    BOOST_TEST(info.message.find("HTTP/2") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(M4_what_is_wanted_over_http_1_1_goes_that_way_from_then_on) {
    auto options = this->options(http_version::automatic);
    options.retry.max_attempts = 1;
    auto const sts_client = client(options);
    mock.next(mock_answer::stream_reset(http_1_1_required));
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(exchange(sts_client).has_value());
    auto const seen = mock.raw_requests();
    BOOST_TEST(seen.at(1).starts_with("POST /use/token HTTP/1.1"));
    BOOST_TEST(seen.at(2).starts_with("POST /use/token HTTP/1.1"));
}

BOOST_AUTO_TEST_CASE(M1_each_exchange_gets_its_own_token_on_four_threads) {
    auto const sts_client = client();
    constexpr int total = 400;
    std::atomic<int> right = 0, left = total;
    for (int i = 0; i < total; ++i) {
        auto const scope = "roleassignments:" + std::to_string(i);
        auto asked = sts::exchange_request(sts::subject_token(mock.id_token())).scope(sts::scope(scope));
        asio::co_spawn(
            context, sts_client.try_exchange(asked), [&, scope](std::exception_ptr, outcome const& got) {
                auto const claims = got.has_value() ? mock.claims(got->access_token.reveal()) : std::nullopt;
                if (claims && claims->find('"' + scope + '"') != std::string::npos) ++right;
                if (--left == 0) sts_client.close();
            });
    }
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] { context.run(); });
    for (auto& one : threads)
        one.join();
    BOOST_TEST(right == total);
}

BOOST_AUTO_TEST_CASE(N4_a_proof_and_its_nonces_go_over_the_same_connection) {
    over_http2 before([] {
        sts::testing::mock_options made;
        made.http2 = true;
        made.proofs.nonces = sts::testing::nonce_rule::each;
        return made;
    }());
    auto const sts_client = before.client();
    auto const key = sts::signing_key::generate();
    for (int i = 0; i < 3; ++i) {
        auto const got = before.exchange(sts_client, before.request().proof(key));
        BOOST_REQUIRE(got.has_value());
        BOOST_TEST(got->token_type == "DPoP");
    }
    BOOST_TEST(before.mock.connections() == 1U);
    BOOST_TEST(before.mock.requests() == 4U);
}

BOOST_AUTO_TEST_CASE(the_numbers_tell_of_both_protocols) {
    auto const sts_client = client(http_version::automatic);
    mock.always(mock_answer::genuine().hold());
    begin(sts_client, 10);
    received(10);
    auto now = sts_client.stats();
    BOOST_TEST(now.open == 1U);
    BOOST_TEST(now.http2 == 1U);
    BOOST_TEST(now.streams == 10U);
    mock.release();
    mock.always(mock_answer::genuine());
    BOOST_TEST(tokens() == 10);
    now = sts_client.stats();
    BOOST_TEST(now.streams == 0U);
    BOOST_TEST(now.drained == 0U);
    BOOST_TEST(now.bytes_received > 1000U);
    mock.next(mock_answer::genuine().close_after());
    BOOST_TEST(exchange(sts_client).has_value());
    run_until(context, [&] { return sts_client.stats().open == 0; });
    BOOST_TEST(sts_client.stats().drained == 1U);
    BOOST_TEST(sts_client.stats().http2 == 0U);
}

BOOST_AUTO_TEST_CASE(an_observer_is_told_the_protocol_and_of_a_connection_that_the_server_ends) {
    std::vector<sts::event> seen;
    auto options = this->options();
    options.observer = [&](sts::event const& one) { seen.push_back(one); };
    auto const sts_client = client(options);
    mock.next(mock_answer::genuine().close_after());
    BOOST_TEST(exchange(sts_client).has_value());
    run_until(context, [&] { return sts_client.stats().open == 0; });
    std::vector<sts::event_type> types;
    for (auto const& one : seen) {
        BOOST_TEST(one.http2);
        BOOST_TEST(one.connection == 1U);
        if (one.exchange == 0) types.push_back(one.type);
    }
    BOOST_TEST((types == std::vector{sts::event_type::connection_opened, sts::event_type::connection_drained,
                                     sts::event_type::connection_dropped}));
}

BOOST_AUTO_TEST_SUITE_END()
