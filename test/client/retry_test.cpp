// Attempts that are made again, and those that are not, as a service sees them (section G of doc/faults.md).
#include "support/refused.hpp"
#include "support/service.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <stdexcept>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::phase;
using sts::retry_decision;
using sts::testing::mock_answer;

namespace {

std::string body_of(std::string const& request) {
    return request.substr(request.find("\r\n\r\n") + 4);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(retries, service)

BOOST_AUTO_TEST_CASE(G1_a_status_that_asks_for_later_is_followed_by_a_token) {
    auto const sts_client = client(hasty());
    std::size_t expected = 0;
    for (unsigned const status : {408U, 409U, 425U, 429U}) {
        mock.next(mock_answer::error(status, status == 409 ? "conflict" : ""));
        BOOST_TEST(exchange(sts_client).has_value(), status);
        expected += 2;
        BOOST_TEST(mock.requests() == expected);
    }
    BOOST_TEST(mock.connections() == 1U); // E5
}

BOOST_AUTO_TEST_CASE(G1_G17_after_a_status_of_a_sick_server_over_a_new_connection) {
    auto const sts_client = client(hasty());
    std::size_t expected = 0;
    for (unsigned const status : {421U, 500U, 502U, 503U, 504U, 520U, 524U, 529U, 598U, 599U}) {
        mock.next(mock_answer::error(status, ""));
        BOOST_TEST(exchange(sts_client).has_value(), status);
        expected += 2;
        BOOST_TEST(mock.requests() == expected);
        BOOST_TEST(mock.connections() == expected / 2 + 1);
    }
    BOOST_TEST(sts_client.stats().open == 1U); // those that brought an error are gone
}

BOOST_AUTO_TEST_CASE(G1_three_conflicts_then_a_token) {
    for (int i = 0; i < 3; ++i)
        mock.next(mock_answer::error(409, "conflict", "a conflict with an existing resource"));
    BOOST_TEST(exchange(client(options())).has_value());
    BOOST_TEST(mock.requests() == 4U);
}

BOOST_AUTO_TEST_CASE(H18_G1_a_gateways_page_is_retried) {
    mock.next(mock_answer::with(502, "<html>", "text/html"));
    BOOST_TEST(exchange(client(hasty())).has_value());
}

BOOST_AUTO_TEST_CASE(G4_a_service_that_is_down_gets_exactly_the_attempts_allowed) {
    mock.always(mock_answer::error(503, ""));
    auto const info = failure(client(hasty()));
    BOOST_TEST(info.kind == error_kind::unavailable);
    BOOST_TEST(info.attempts == 5U);
    BOOST_TEST(mock.requests() == 5U);
    auto once = hasty();
    once.retry.max_attempts = 1;
    BOOST_TEST(failure(client(once)).attempts == 1U);
    BOOST_TEST(mock.requests() == 6U);
}

BOOST_AUTO_TEST_CASE(G5_G6_what_is_final_is_asked_for_once) {
    auto const sts_client = client(hasty());
    std::size_t expected = 0;
    for (unsigned const status : {400U, 401U, 403U, 404U, 405U, 406U, 413U, 415U, 501U}) {
        for (auto const* const error : {"", "temporarily_unavailable", "slow_down"}) {
            mock.next(mock_answer::error(status, error));
            BOOST_TEST(failure(sts_client).attempts == 1U, status);
            BOOST_TEST(mock.requests() == ++expected);
        }
    }
}

BOOST_AUTO_TEST_CASE(G3_G14_a_retry_after_in_the_past_or_ill_formed_is_an_ordinary_wait) {
    auto const sts_client = client(hasty());
    for (auto const* const value : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                                    "Sun Nov  6 08:49:37 1994", "soon", "-1", "0"}) {
        mock.next(mock_answer::error(503, "").header("Retry-After", value));
        BOOST_TEST(exchange(sts_client).has_value(), value);
    }
}

BOOST_AUTO_TEST_CASE(G2_G14_a_retry_after_beyond_the_bounds_fails_at_once_with_the_value) {
    auto const sts_client = client(hasty());
    for (auto const* const value : {"31", "99999999999999999999"}) {
        mock.next(mock_answer::error(429, "").header("Retry-After", value));
        auto const info = failure(sts_client);
        BOOST_TEST(info.kind == error_kind::unavailable);
        BOOST_TEST(info.attempts == 1U);
        BOOST_REQUIRE(info.retry_after.has_value());
        BOOST_TEST((*info.retry_after > 30s));
    }
    mock.next(mock_answer::error(429, "").header("Retry-After", "10"));
    BOOST_TEST(failure(sts_client, request().timeout(5s)).attempts == 1U);
}

BOOST_AUTO_TEST_CASE(F5_a_wait_beyond_the_deadline_is_not_begun_and_the_cause_is_told) {
    auto slow = options();
    slow.retry.base_delay = slow.retry.max_delay = 1h;
    mock.always(mock_answer::error(503, ""));
    auto const info = failure(client(slow), request().timeout(20s));
    BOOST_TEST(info.kind == error_kind::unavailable);
    BOOST_TEST(info.http_status == 503U);
    BOOST_TEST(info.attempts == 1U);
}

BOOST_AUTO_TEST_CASE(F6_an_exchange_is_cancelled_in_its_wait) {
    auto slow = options();
    slow.retry.base_delay = slow.retry.max_delay = 10s;
    mock.always(mock_answer::error(503, ""));
    for (bool const by_closing : {false, true}) {
        auto const sts_client = client(slow);
        // A wait is a random part of its ceiling: of several exchanges one at least is in it.
        std::vector<std::unique_ptr<started>> all;
        for (int i = 0; i < 8; ++i)
            all.push_back(std::make_unique<started>(context, sts_client, request()));
        run_until(context, [&] { return sts_client.stats().pausing != 0; });
        for (auto const& one : all) {
            if (by_closing)
                sts_client.close();
            else
                one->cancel();
        }
        bool in_its_wait = false;
        for (auto const& one : all) {
            auto const& info = one->wait().error();
            if (info.phase != phase::backoff) continue;
            in_its_wait = true;
            BOOST_TEST(info.kind == error_kind::canceled);
            BOOST_TEST(info.earlier.size() >= 1U);
        }
        BOOST_TEST(in_its_wait);
        BOOST_TEST(sts_client.stats().pausing == 0U);
    }
}

BOOST_AUTO_TEST_CASE(G8_an_outage_costs_at_most_twice_the_calls) {
    mock.always(mock_answer::error(503, ""));
    auto const sts_client = client(hasty());
    constexpr std::size_t calls = 200, at_once = 20;
    for (std::size_t done = 0; done < calls; done += at_once) {
        std::vector<std::unique_ptr<started>> all;
        for (std::size_t i = 0; i < at_once; ++i)
            all.push_back(std::make_unique<started>(context, sts_client, request()));
        for (auto const& one : all)
            BOOST_TEST(one->wait().error().kind == error_kind::unavailable);
    }
    BOOST_TEST(mock.requests() == calls + 100); // the budget of 500, at 5 a retry
    BOOST_TEST(sts_client.stats().retry_budget == 0U);
    mock.always(std::nullopt);
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(exchange(sts_client).has_value());
    mock.next(mock_answer::error(503, ""));
    BOOST_TEST(exchange(sts_client).has_value()); // successes have refilled it
}

BOOST_AUTO_TEST_CASE(G10_a_retried_request_has_the_same_bytes) {
    mock.next(mock_answer::error(503, ""));
    mock.next(mock_answer::genuine().reset_after(0));
    BOOST_TEST(exchange(client(hasty())).has_value());
    auto const raw = mock.raw_requests();
    BOOST_REQUIRE(raw.size() == 3U);
    BOOST_TEST(raw[0] == raw[1]);
    BOOST_TEST(raw[1] == raw[2]);
    BOOST_TEST(!body_of(raw[0]).empty());
}

BOOST_AUTO_TEST_CASE(G12_an_answer_that_is_cut_twice_is_asked_for_again_by_the_replay_policy) {
    mock.next(mock_answer::genuine().close_after(30));
    mock.next(mock_answer::genuine().reset_after(30));
    BOOST_TEST(exchange(client(hasty())).has_value());
    BOOST_TEST(mock.requests() == 3U);

    auto careful = hasty();
    careful.retry.replay = sts::replay_policy::unsent_only;
    mock.next(mock_answer::genuine().close_after(30));
    auto const info = failure(client(careful));
    BOOST_TEST(info.kind == error_kind::truncated);
    BOOST_TEST(info.attempts == 1U);
    BOOST_TEST(mock.requests() == 4U);
}

BOOST_AUTO_TEST_CASE(G12_a_connect_is_retried_under_either_policy) {
    auto careful = hasty();
    careful.retry.replay = sts::replay_policy::unsent_only;
    {
        sts::testing::mock_sts const gone;
        careful.endpoint = sts::endpoint(gone.url());
    }
    auto const info = failure(client(careful), request().timeout(2s));
    BOOST_TEST(info.kind == error_kind::connect);
    BOOST_TEST(info.attempts > 5U); // as long as the deadline allows
    BOOST_TEST(!info.request_sent);
}

BOOST_AUTO_TEST_CASE(G16_a_service_that_is_not_there_yet_costs_nobody_an_error) {
    auto patient = options();
    patient.retry.base_delay = patient.retry.max_delay = 1ms;
    asio::ip::tcp::acceptor port(context, {asio::ip::address_v4::loopback(), 0});
    auto const at = port.local_endpoint().port();
    patient.endpoint = sts::endpoint("https://localhost:" + std::to_string(at) + "/use/token");
    port.close();
    auto const sts_client = client(patient);
    auto const asked = sts::exchange_request::client_credentials()
                           .authentication(sts::client_authentication::secret_basic(
                               "mock-client", sts::secret("mock-secret")))
                           .scope(sts::scope("a"));
    started early(context, sts_client, asked);
    run_until(context, [&] { return sts_client.stats().retries > 8; });
    auto late = same_certificate();
    late.port = at;
    sts::testing::mock_sts const service(late);
    BOOST_TEST(early.wait().has_value());
}

BOOST_AUTO_TEST_CASE(G16_with_one_attempt_allowed_a_refused_connection_is_final) {
    auto once = hasty();
    once.retry.max_attempts = 1;
    {
        sts::testing::mock_sts const gone;
        once.endpoint = sts::endpoint(gone.url());
    }
    auto const info = failure(client(once));
    BOOST_TEST(info.kind == error_kind::connect);
    BOOST_TEST(info.attempts == 1U);
}

BOOST_AUTO_TEST_CASE(G13_the_error_tells_every_attempt_and_no_secret) {
    mock.next(mock_answer::genuine().reset_after(0));
    mock.next(mock_answer::error(503, ""));
    mock.next(mock_answer::with(502, "canary", "text/html"));
    mock.next(mock_answer::error(500, ""));
    mock.next(mock_answer::error(429, "slow_down"));
    auto const asked = sts::exchange_request(sts::subject_token("canary-subject-token"));
    auto const info = failure(client(hasty()), asked);
    BOOST_TEST(info.kind == error_kind::oauth);
    BOOST_REQUIRE(info.earlier.size() == 4U);
    BOOST_TEST(info.earlier[0].kind == error_kind::network);
    BOOST_TEST(info.earlier[0].phase == phase::read);
    BOOST_TEST(info.earlier[1].http_status == 503U);
    BOOST_TEST(info.earlier[2].http_status == 502U);
    BOOST_TEST((info.earlier[0].elapsed <= info.earlier[1].elapsed));
    auto const text = info.to_string();
    BOOST_TEST(contains(text, "after 5 attempts, before: network (read) at "), text);
    BOOST_TEST(contains(text, "unavailable (parse, status 502) at "), text);
    BOOST_TEST(!contains(text, "canary"), text);
}

BOOST_AUTO_TEST_CASE(an_attempt_that_takes_too_long_is_followed_by_another) {
    auto brief = hasty();
    brief.attempt_timeout = 50ms;
    mock.next(mock_answer::genuine().hold());
    auto const sts_client = client(brief);
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 2U);
    brief.retry.max_attempts = 1;
    mock.next(mock_answer::genuine().hold());
    auto const info = failure(client(brief));
    BOOST_TEST(info.kind == error_kind::timeout);
    BOOST_TEST(info.phase == phase::read);
    BOOST_TEST(contains(info.message, "attempt_timeout"));
}

BOOST_AUTO_TEST_CASE(a_classifier_decides_and_may_throw) {
    std::vector<unsigned> asked;
    auto options = hasty();
    options.retry.classifier = [&](sts::error_info const& failed, unsigned attempt) {
        asked.push_back(attempt);
        if (failed.http_status == 400) return retry_decision::retry;
        if (failed.http_status == 503) return retry_decision::give_up;
        throw std::runtime_error("undecided"); // L4
    };
    auto const sts_client = client(options);
    mock.next(mock_answer::error(400, "invalid_request", "the identity provider could not be reached"));
    BOOST_TEST(exchange(sts_client).has_value());
    mock.next(mock_answer::error(503, ""));
    BOOST_TEST(failure(sts_client).attempts == 1U);
    mock.next(mock_answer::error(502, ""));
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST((asked == std::vector<unsigned>{1, 1, 1}));
}

BOOST_AUTO_TEST_CASE(L4_a_classifier_that_throws_changes_nothing) {
    auto options = hasty();
    options.retry.classifier = [](sts::error_info const&, unsigned) -> retry_decision { throw 1; };
    mock.next(mock_answer::error(503, ""));
    BOOST_TEST(exchange(client(options)).has_value());
    mock.next(mock_answer::error(404, ""));
    BOOST_TEST(failure(client(options)).kind == error_kind::http);
}

BOOST_AUTO_TEST_CASE(a_deadline_behind_failed_attempts_tells_them) {
    mock.next(mock_answer::error(503, ""));
    mock.always(mock_answer::genuine().hold());
    auto const info = failure(client(hasty()), request().timeout(100ms));
    BOOST_TEST(info.kind == error_kind::timeout);
    BOOST_TEST(info.phase == phase::read);
    BOOST_TEST(info.attempts == 2U);
    BOOST_REQUIRE(info.earlier.size() == 1U);
    BOOST_TEST(info.earlier[0].http_status == 503U);
}

BOOST_AUTO_TEST_CASE(options_that_cannot_work_are_refused_by_name) {
    struct {
        void (*spoil)(sts::client_options&);
        char const* name;
    } const bad[] = {
        {[](sts::client_options& o) { o.retry.max_attempts = 0; }, "retry.max_attempts"},
        {[](sts::client_options& o) { o.retry.base_delay = 0ns; }, "retry.base_delay"},
        {[](sts::client_options& o) { o.retry.max_delay = 1ms; }, "retry.max_delay"},
        {[](sts::client_options& o) { o.retry.max_retry_after = -1ns; }, "retry.max_retry_after"},
        {[](sts::client_options& o) { o.attempt_timeout = 0ns; }, "attempt_timeout"},
    };
    for (auto const& one : bad) {
        auto broken = options();
        one.spoil(broken);
        BOOST_TEST(contains(refusal([&] { client(broken); }), std::string("client_options::") + one.name));
    }
}

BOOST_AUTO_TEST_SUITE_END()
