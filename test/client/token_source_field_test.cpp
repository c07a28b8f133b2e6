// What users of other token clients have suffered from, asked of the token source.
#include "support/refused.hpp"
#include "support/service_process.hpp"
#include "support/token_source.hpp"

#include <equinix/sts/subject_token_supplier.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <random>
#include <set>
#include <thread>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::phase;
using sts::testing::id_token_claims;
using sts::testing::mock_answer;

namespace {

mock_answer canned(int lifetime) {
    return mock_answer::with(200, R"({"access_token":"abc","token_type":"Bearer","issued_token_type":)"
                                  R"("urn:ietf:params:oauth:token-type:access_token","expires_in":)" +
                                      std::to_string(lifetime) + "}");
}

/// Without a thread of a mock's in this process.
struct beside {
    service_process server; // first: it must be forked before there are threads
    asio::io_context context;
};

/// A file that is written anew now and then.
class rotated final : public sts::subject_token_supplier {
public:
    explicit rotated(std::string token) : now(std::move(token)) {}

    asio::awaitable<sts::subject_token> supply(sts::supply_context) override {
        ++asked;
        co_return sts::subject_token(now);
    }
    std::string describe() const override { return "file 'token'"; }

    std::string now;
    int asked = 0;
};

struct field : sourced {
    sts::client_options hasty() const {
        auto made = options();
        made.retry.base_delay = 1ns;
        return made;
    }

    /// Runs the context until the condition holds, of which no event of the context needs to tell.
    template <class Condition>
    void look_until(Condition holds) {
        asio::steady_timer timer(context);
        bool over = false;
        while (!holds()) {
            over = false;
            timer.expires_after(1ms);
            timer.async_wait([&](boost::system::error_code) { over = true; });
            run_until(context, [&] { return over; });
        }
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_source_field, field)

BOOST_AUTO_TEST_CASE(J5_a_throttled_service_sees_one_flight_with_its_retries_whoever_waits) {
    mock.always(mock_answer::error(429, ""));
    auto const tokens = source(client(hasty()), request());
    std::deque<waiting> all;
    for (int i = 0; i < 1000; ++i)
        all.emplace_back(context, [&] { return tokens.try_get(); });
    for (auto& one : all) {
        auto const& ended = one.wait();
        BOOST_REQUIRE(ended.has_error());
        BOOST_REQUIRE(ended.error().http_status == 429U);
        BOOST_REQUIRE(ended.error().attempts == 5U);
    }
    BOOST_TEST(mock.requests() == 5U);
    BOOST_TEST(tokens.stats().fetches == 1U);
}

BOOST_AUTO_TEST_CASE(J5_a_retry_that_succeeds_serves_all_who_wait) {
    mock.next(mock_answer::error(429, ""));
    mock.next(mock_answer::error(503, ""));
    auto const tokens = source(client(hasty()), request());
    std::deque<waiting> all;
    for (int i = 0; i < 1000; ++i)
        all.emplace_back(context, [&] { return tokens.try_get(); });
    std::set<token_ptr> got;
    for (auto& one : all)
        got.insert(*one.wait());
    BOOST_TEST(got.size() == 1U);
    BOOST_TEST(mock.requests() == 3U);
}

BOOST_AUTO_TEST_CASE(J2_a_callers_cancellation_does_not_spoil_later_refreshes) {
    mock.always(canned(2));
    auto const tokens = source();
    waiting first(context, [&] { return tokens.try_get(1h); });
    auto const held = *first.wait();
    first.cancel();
    waiting brief(context,
                  [&] { return tokens.try_get(1ns); }); // its deadline is over by the time of refresh
    BOOST_TEST(brief.wait().has_value());
    run_until(context, [&] { return tokens.stats().refreshed == 3 || !tokens.peek(); });
    BOOST_TEST(tokens.stats().refreshed == 3U);
    BOOST_TEST(tokens.stats().failed == 0U);
    BOOST_TEST(tokens.stats().misses == 1U);
}

BOOST_AUTO_TEST_CASE(J2_J3_J4_whoever_leaves_whenever_the_others_have_their_token) {
    std::mt19937 dice(4711);
    auto const shared = client(one_attempt());
    for (int round = 0; round < 100; ++round) {
        auto const tokens = source(shared, request());
        std::deque<waiting> all;
        for (int i = 0; i < 20; ++i)
            all.emplace_back(context, [&] { return tokens.try_get(); });
        std::set<std::size_t> gone;
        for (auto left = dice() % 20; left > 0; --left) {
            context.restart();
            for (auto steps = dice() % 12; steps > 0; --steps)
                context.run_one_for(1ms);
            auto const who = dice() % all.size();
            gone.insert(who);
            all[who].cancel();
        }
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (gone.count(i) == 0)
                BOOST_REQUIRE(all[i].wait().has_value());
            else
                run_until(context, [&] { return all[i].done(); });
        }
        BOOST_REQUIRE(tokens.stats().fetches == 1U);
        BOOST_REQUIRE(tokens.stats().waiting == 0U);
    }
}

BOOST_AUTO_TEST_CASE(J6_a_refresh_that_hangs_stalls_nobody) {
    mock.next(canned(4));
    mock.always(mock_answer::genuine().hold());
    auto const tokens = source();
    auto const first = token_of(tokens);
    run_until(context, [&] { return mock.requests() == 2; });
    BOOST_TEST(tokens.stats().in_flight == 1U);
    std::vector<std::thread> threads;
    std::atomic<int> stalled = 0;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 1000; ++n)
                if (tokens.peek() != first) ++stalled;
        });
    for (auto& one : threads)
        one.join();
    BOOST_TEST(stalled == 0);
    BOOST_TEST(token_of(tokens) == first);
    BOOST_TEST(tokens.stats().in_flight == 1U);
    BOOST_TEST(mock.requests() == 2U);
    mock.release();
    run_until(context, [&] { return tokens.stats().refreshed == 2; });
}

BOOST_AUTO_TEST_CASE(a_source_trusts_whom_its_client_trusts) {
    auto strict = one_attempt();
    strict.tls.ca_pem.clear();
    BOOST_TEST(failure_of(source(client(strict), request())).kind == error_kind::tls);
    BOOST_TEST(mock.requests() == 0U);
}

BOOST_AUTO_TEST_CASE(G11_a_stale_subject_token_is_replaced_where_the_service_refuses_it) {
    auto const file = std::make_shared<rotated>(mock.id_token());
    auto const tokens = source(client(hasty()), sts::exchange_request(file).scope(sts::scope("a")));
    auto const first = token_of(tokens);
    file->now = mock.id_token(id_token_claims().subject("anew"));
    tokens.invalidate(*first);
    auto const second = token_of(tokens); // read at its use
    auto const claims = mock.claims(second->access_token.reveal());
    BOOST_REQUIRE(claims);
    BOOST_TEST(contains(*claims, "anew"));
}

BOOST_AUTO_TEST_CASE(G11_a_suppliers_expired_token_is_named_and_not_sent) {
    auto const file = std::make_shared<rotated>(mock.id_token(id_token_claims().lifetime(-65s)));
    auto const tokens = source(client(hasty()), sts::exchange_request(file).scope(sts::scope("a")));
    auto const info = failure_of(tokens);
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(info.phase == phase::supplier);
    BOOST_TEST(contains(info.message, "file 'token' expired at 2"), info.message);
    BOOST_TEST(mock.requests() == 0U);
    file->now = mock.id_token();
    look_until([&] { return get(tokens).has_value(); }); // as soon as there is a fresh one
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(J5_a_rotated_subject_token_ends_a_refusal_ahead_of_time) {
    auto const file = std::make_shared<rotated>(mock.id_token(id_token_claims().forged()));
    auto const tokens = source(client(one_attempt()), sts::exchange_request(file).scope(sts::scope("a")));
    auto const refused = failure_of(tokens);
    BOOST_TEST(refused.kind == error_kind::oauth);
    BOOST_TEST(mock.requests() == 1U);
    look_until([&] { // it looks, and finds the same
        auto const again = get(tokens);
        BOOST_REQUIRE(again.has_error());
        BOOST_REQUIRE(again.error().oauth_error == refused.oauth_error);
        return file->asked == 2;
    });
    BOOST_TEST(mock.requests() == 1U);
    file->now = mock.id_token();
    look_until([&] { return get(tokens).has_value(); });
    BOOST_TEST(file->asked == 3);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(G5_a_400_that_is_transient_is_retried_where_a_classifier_says_so) {
    auto knowing = hasty();
    knowing.retry.classifier = [](sts::error_info const& failed, unsigned) {
        return contains(failed.oauth_error_description, "could not be reached")
                   ? sts::retry_decision::retry
                   : sts::retry_decision::by_default;
    };
    mock.next(mock_answer::error(400, "invalid_request", "the identity provider could not be reached"));
    auto const tokens = source(client(knowing), request());
    BOOST_TEST(token_of(tokens) != nullptr);
    BOOST_TEST(tokens.stats().failed == 0U);
}

BOOST_AUTO_TEST_CASE(a_service_that_gives_a_token_no_better_is_not_asked_at_each_use) {
    mock.next(canned(4));
    mock.always(canned(1));
    auto const tokens = source();
    BOOST_TEST(token_of(tokens) != nullptr);
    run_until(context, [&] { return tokens.stats().refreshed == 2; });
    for (int i = 0; i < 1000; ++i) {
        tokens.peek();
        context.poll();
    }
    BOOST_TEST(tokens.stats().fetches == 2U);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(G9_a_token_shorter_than_the_time_ahead_is_not_refreshed_at_each_use) {
    mock.always(canned(60));
    auto const tokens = source(); // which refreshes five minutes ahead
    auto const first = token_of(tokens);
    for (int i = 0; i < 1000; ++i)
        BOOST_REQUIRE(token_of(tokens) == first);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(J6_J7_failed_refreshes_cost_no_valid_token_and_none_outlives_its_end) {
    mock.next(canned(4));
    mock.always(mock_answer::error(503, ""));
    auto const tokens = source();
    auto const first = token_of(tokens);
    look_until([&] {
        auto const seen = tokens.peek();
        BOOST_REQUIRE((seen == first || sts::token_source(tokens).stats().failed >= 2));
        return !seen;
    });
    BOOST_TEST((std::chrono::steady_clock::now() < first->expires->steady + patience));
    auto const stats = tokens.stats();
    BOOST_TEST(stats.failed >= 2U); // it went on trying
    BOOST_TEST(stats.failed <= 12U);
    look_until([&] {
        auto const ended = get(tokens);
        BOOST_REQUIRE(ended.has_error());
        return ended.error().http_status == 503U;
    });
    mock.always(std::nullopt);
    look_until([&] { return get(tokens).has_value(); }); // and does not stop for ever
}

BOOST_AUTO_TEST_CASE(G13_no_error_or_number_of_a_source_shows_a_secret) {
    mock.always(mock_answer::error(400, "invalid_request", "bad token canary-subject-token"));
    auto const tokens =
        source(client(hasty()),
               sts::exchange_request(sts::subject_token("canary-subject-token")).scope(sts::scope("a")));
    for (int i = 0; i < 2; ++i) { // the second from memory
        auto const text = failure_of(tokens).to_string();
        BOOST_TEST(!contains(text, "canary"), text);
    }
    auto const stats = tokens.stats();
    BOOST_REQUIRE(stats.last_error);
    BOOST_TEST(!contains(stats.last_error->to_string(), "canary"));
}

BOOST_AUTO_TEST_CASE(E4_connections_that_die_idle_or_in_use_end_no_refreshing) {
    mock.always(canned(2));
    auto const tokens = source();
    BOOST_TEST(token_of(tokens) != nullptr);
    mock.close_idle_connections();
    run_until(context, [&] { return tokens.stats().refreshed == 2 || !tokens.peek(); });
    mock.next(mock_answer::genuine().reset_after(0)); // as it is used, unnoticed before
    run_until(context, [&] { return tokens.stats().refreshed == 3 || !tokens.peek(); });
    mock.next(mock_answer::genuine().hold());
    BOOST_TEST(tokens.stats().refreshed == 3U);
    BOOST_TEST(tokens.stats().failed == 0U);
    BOOST_TEST(tokens.stats().misses == 1U);
    mock.release();
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(token_source_forked, beside)

BOOST_AUTO_TEST_CASE(L6_a_child_of_fork_that_destroys_its_copy_disturbs_no_refresh) {
    sts::client_options options;
    options.endpoint = sts::endpoint(server.url());
    options.tls.ca_pem = server.ca_pem();
    std::optional<sts::token_source> tokens(
        std::in_place, sts::client(context.get_executor(), options),
        sts::exchange_request(sts::subject_token("abc")).scope(sts::scope("s")));
    waiting first(context, [&] { return tokens->try_get(); });
    auto const held = *first.wait();
    auto const child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        tokens->close();
        tokens.reset();
        ::_exit(0);
    }
    int status = -1;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_TEST(status == 0);
    BOOST_TEST(tokens->peek() == held);
    tokens->invalidate(*held);
    waiting second(context, [&] { return tokens->try_get(); });
    BOOST_TEST(second.wait().has_value());
    BOOST_TEST(tokens->stats().failed == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
