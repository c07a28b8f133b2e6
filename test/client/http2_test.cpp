// Exchanges over HTTP/2 (section M of doc/faults.md): what they share, and what one costs the others.
#include "support/descriptors.hpp"
#include "support/service.hpp"

#include <boost/asio/detached.hpp>

#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::http_version;
using sts::phase;
using sts::testing::mock_answer;
using sts::testing::mock_options;

namespace {

constexpr std::uint32_t internal_error = 2, refused_stream = 7, http_1_1_required = 13;

sts::testing::mock_options usual() {
    sts::testing::mock_options made;
    made.http2 = true;
    return made;
}

sts::testing::mock_options with_streams(std::uint32_t count) {
    auto made = usual();
    made.max_streams = count;
    return made;
}

struct over_http2 : service {
    explicit over_http2(sts::testing::mock_options const& setup = usual()) : service(setup) {}

    sts::client_options options(http_version http = http_version::http2) const {
        auto made = service::options();
        made.http = http;
        return made;
    }
    sts::client client(http_version http = http_version::http2) { return service::client(options(http)); }
    sts::client client(sts::client_options const& with) { return service::client(with); }

    std::deque<started>& begin(sts::client const& client, int count) {
        for (int i = 0; i < count; ++i)
            all.emplace_back(context, client, request());
        return all;
    }
    int tokens() {
        int got = 0;
        for (auto& one : all)
            got += one.wait().has_value() ? 1 : 0;
        all.clear();
        return got;
    }
    /// Until the mock has received so many requests.
    void received(std::size_t count) {
        run_until(context, [&] { return mock.requests() >= count; });
    }

    std::deque<started> all;
};

struct one_stream : over_http2 {
    one_stream() : over_http2(with_streams(1)) {}
};

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

BOOST_AUTO_TEST_CASE(http1_is_never_offered_where_http2_is_required) {
    over_http2 before((sts::testing::mock_options()));
    auto brief = before.options();
    brief.retry.max_attempts = 1;
    auto const info = before.failure(before.client(brief));
    BOOST_TEST(info.kind == error_kind::tls);
    BOOST_TEST(info.message.find("HTTP/2") != std::string::npos);
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

BOOST_AUTO_TEST_CASE(M25_what_waits_on_a_silent_connection_goes_another_way) {
    auto options = this->options();
    options.attempt_timeout = 8s; // asked after 2, given up after 4
    options.retry.max_attempts = 1;
    auto const sts_client = client(options);
    BOOST_TEST(exchange(sts_client).has_value());
    mock.next(mock_answer::genuine().hold_connection());
    begin(sts_client, 5);
    BOOST_TEST(tokens() == 5);
    BOOST_TEST(mock.connections() == 2U);
    BOOST_TEST(sts_client.stats().replaced == 5U);
    mock.release();
}

BOOST_AUTO_TEST_CASE(M25_a_slow_server_that_answers_what_it_is_asked_keeps_its_exchanges) {
    auto options = this->options();
    options.attempt_timeout = 8s;
    auto const sts_client = client(options);
    BOOST_TEST(exchange(sts_client).has_value());
    mock.next(mock_answer::genuine().delay(5s)); // later than a silent connection would be given up
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 1U);
    BOOST_TEST(mock.requests() == 2U);
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

BOOST_AUTO_TEST_CASE(M3_a_server_that_ends_a_connection_in_order_loses_nothing) {
    auto const sts_client = client();
    BOOST_TEST(exchange(sts_client).has_value());
    for (int round = 0; round < 20; ++round) {
        mock.next(mock_answer::genuine().close_after());
        BOOST_TEST(exchange(sts_client).has_value());
        BOOST_TEST(exchange(sts_client).has_value());
    }
    BOOST_TEST(mock.requests() == 41U); // nothing was asked for twice
    BOOST_TEST(sts_client.stats().retries == 0U);
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

BOOST_AUTO_TEST_CASE(M24_after_a_time_out_no_exchange_begins_on_that_connection) {
    auto options = this->options();
    options.retry.max_attempts = 1;
    auto const sts_client = client(options);
    asio::co_spawn(context, sts_client.warm_up(1), asio::detached);
    run_until(context, [&] { return sts_client.stats().idle == 1; });
    mock.next(mock_answer::genuine().hold());
    BOOST_TEST(failure(sts_client, request().timeout(100ms)).kind == error_kind::timeout);
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 2U);
    BOOST_TEST(sts_client.stats().open == 1U);
}

BOOST_AUTO_TEST_CASE(M16_a_connection_that_dies_takes_along_what_it_carried_and_all_get_their_token) {
    auto const sts_client = client();
    BOOST_TEST(exchange(sts_client).has_value());
    for (int i = 0; i < 9; ++i)
        mock.next(mock_answer::genuine().hold());
    mock.next(mock_answer::genuine().cut_after(0));
    begin(sts_client, 10);
    received(11);
    mock.release();
    BOOST_TEST(tokens() == 10);
    BOOST_TEST(mock.connections() == 2U);
}

BOOST_AUTO_TEST_CASE(closing_ends_all_that_share_a_connection) {
    auto const sts_client = client();
    mock.always(mock_answer::genuine().hold());
    begin(sts_client, 10);
    received(10);
    sts_client.close();
    for (auto& one : all)
        BOOST_TEST(one.wait().error().kind == error_kind::canceled);
    context.restart();
    context.run();
    BOOST_TEST(sts_client.stats().open == 0U);
}

BOOST_AUTO_TEST_CASE(the_context_may_go_first_with_many_in_flight) {
    auto const before = open_descriptors();
    auto own = std::make_unique<asio::io_context>(1);
    sts::client const sts_client(own->get_executor(), options());
    mock.always(mock_answer::genuine().hold());
    for (int i = 0; i < 10; ++i)
        asio::co_spawn(*own, sts_client.try_exchange(request()), asio::detached);
    run_until(*own, [&] { return mock.requests() == 10; });
    own.reset();
    BOOST_TEST(eventually([&] { return open_descriptors() <= before + 1; })); // the mock's end
}

BOOST_AUTO_TEST_CASE(after_new_certificates_a_shared_connection_takes_no_further_exchange) {
    auto const sts_client = client();
    mock.next(mock_answer::genuine().hold());
    begin(sts_client, 1);
    received(1);
    sts_client.reload_certificates();
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 2U);
    mock.release();
    BOOST_TEST(tokens() == 1);
    run_until(context, [&] { return sts_client.stats().open == 1; });
}

BOOST_AUTO_TEST_CASE(warm_up_opens_connections_as_ever) {
    auto const sts_client = client();
    asio::co_spawn(context, sts_client.warm_up(3), asio::detached);
    run_until(context, [&] { return sts_client.stats().idle == 3; });
    BOOST_TEST(mock.connections() == 3U);
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

BOOST_AUTO_TEST_SUITE_END()
