// Exchanges whose subject token comes from a supplier, as a service sees them (G10, G11 of doc/faults.md).
#include "support/refused.hpp"
#include "support/service.hpp"

#include <equinix/sts/subject_token_supplier.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::phase;
using sts::retry_decision;
using sts::testing::id_token_claims;
using sts::testing::mock_answer;

namespace {

/// Gives its tokens one after the other, the last one for ever.
class sequence final : public sts::subject_token_supplier {
public:
    explicit sequence(std::vector<std::string> tokens, bool by_a_timer = false)
        : tokens_(std::move(tokens)), by_a_timer_(by_a_timer) {}

    asio::awaitable<sts::subject_token> supply(sts::supply_context context) override {
        auto const turn = asked.fetch_add(1);
        if (by_a_timer_) {
            asio::steady_timer timer(context.executor(), 1ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
        co_return sts::subject_token(tokens_[std::min(turn, tokens_.size() - 1)]);
    }
    std::string describe() const override { return "a sequence"; }

    std::atomic<std::size_t> asked = 0;

private:
    std::vector<std::string> const tokens_;
    bool const by_a_timer_;
};

/// Throws from its `first`-th question on, and gives the token before that.
template <class Thrown>
class failing final : public sts::subject_token_supplier {
public:
    failing(std::string token, std::size_t first, Thrown what)
        : token_(std::move(token)), first_(first), what_(std::move(what)) {}

    asio::awaitable<sts::subject_token> supply(sts::supply_context) override {
        if (++asked >= first_) throw what_;
        co_return sts::subject_token(token_);
    }
    std::string describe() const override { return "the failing one"; }

    std::size_t asked = 0;

private:
    std::string const token_;
    std::size_t const first_;
    Thrown const what_;
};

/// Does not answer before it is told to, or cancelled; unless it is deaf to that.
class silent final : public sts::subject_token_supplier {
public:
    explicit silent(std::string token, bool deaf = false) : token_(std::move(token)), deaf_(deaf) {}

    asio::awaitable<sts::subject_token> supply(sts::supply_context context) override {
        ++asked;
        if (deaf_) {
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            co_await asio::this_coro::throw_if_cancelled(false);
        }
        // In the coroutine: the supplier may outlive the context.
        asio::steady_timer timer(context.executor(), std::chrono::steady_clock::time_point::max());
        timer_ = &timer;
        boost::system::error_code why;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, why));
        auto const state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) ++canceled;
        ++ended;
        co_return sts::subject_token(token_);
    }
    std::string describe() const override { return "the silent one"; }

    void answer() { timer_->cancel(); }

    int asked = 0, canceled = 0, ended = 0;

private:
    std::string const token_;
    bool const deaf_;
    asio::steady_timer* timer_ = nullptr;
};

struct supplied : service {
    sts::client_options hasty() const {
        auto made = options();
        made.retry.base_delay = 1ns;
        return made;
    }
    sts::exchange_request asking(std::shared_ptr<sts::subject_token_supplier> whom) const {
        return sts::exchange_request(std::move(whom)).scope(sts::scope::role_assignments("1"));
    }
    std::string token(std::string subject = "workload") const {
        return mock.id_token(id_token_claims().subject(std::move(subject)));
    }
    std::string forged() const { return mock.id_token(id_token_claims().forged()); }
    bool sent(std::size_t request, std::string const& id_token) const {
        return contains(mock.raw_requests().at(request), "subject_token=" + id_token + "&") ||
               mock.raw_requests().at(request).ends_with("subject_token=" + id_token);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(subjects, supplied)

BOOST_AUTO_TEST_CASE(a_supplier_is_asked_at_each_exchange) {
    auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b"), token("c")});
    auto const sts_client = client();
    for (std::size_t i = 0; i < 3; ++i) {
        auto const got = exchange(sts_client, asking(supplier));
        BOOST_REQUIRE(got.has_value());
        BOOST_TEST(supplier->asked == i + 1);
        auto const claims = mock.claims(got->access_token.reveal());
        BOOST_REQUIRE(claims);
        BOOST_TEST(contains(*claims, "\"sub\":\"" + std::string(1, static_cast<char>('a' + i)) + "\""),
                   *claims);
    }
    BOOST_TEST(mock.requests() == 3U);
}

BOOST_AUTO_TEST_CASE(a_supplier_may_take_its_time) {
    auto const supplier = std::make_shared<sequence>(std::vector{token()}, true);
    BOOST_TEST(exchange(client(), asking(supplier)).has_value());
    BOOST_TEST(supplier->asked == 1U);
}

BOOST_AUTO_TEST_CASE(a_supplier_is_told_the_executor_and_the_deadline) {
    struct listening final : sts::subject_token_supplier {
        asio::awaitable<sts::subject_token> supply(sts::supply_context context) override {
            told.emplace(context);
            co_return sts::subject_token(token);
        }
        std::string describe() const override { return "the listening one"; }
        std::string token;
        std::optional<sts::supply_context> told;
    };
    auto const supplier = std::make_shared<listening>();
    supplier->token = token();
    auto const before = std::chrono::steady_clock::now();
    BOOST_TEST(exchange(client(), asking(supplier).timeout(1h)).has_value());
    BOOST_REQUIRE(supplier->told);
    BOOST_TEST((supplier->told->executor() == context.get_executor()));
    BOOST_TEST((supplier->told->deadline() >= before + 1h));
    BOOST_TEST((supplier->told->deadline() <= std::chrono::steady_clock::now() + 1h));
}

BOOST_AUTO_TEST_CASE(G10_after_a_refusal_another_token_gets_one_more_attempt) {
    for (unsigned const status : {400U, 401U}) {
        auto const before = mock.requests();
        auto const first = token("first"), second = token("second");
        auto const supplier = std::make_shared<sequence>(std::vector{first, second});
        mock.next(mock_answer::error(status, "invalid_request", "the subject token is stale"));
        BOOST_TEST(exchange(client(hasty()), asking(supplier)).has_value());
        BOOST_TEST(supplier->asked == 2U);
        BOOST_TEST(mock.requests() == before + 2);
        BOOST_TEST(sent(before, first));
        BOOST_TEST(sent(before + 1, second));
    }
}

BOOST_AUTO_TEST_CASE(G10_after_a_refusal_that_the_rules_make_a_fresh_token_succeeds) {
    auto const supplier = std::make_shared<sequence>(std::vector{forged(), token()}, true);
    BOOST_TEST(exchange(client(), asking(supplier)).has_value());
    BOOST_TEST(supplier->asked == 2U);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(G10_G13_the_second_refusal_tells_of_the_first) {
    auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b"), token("c")});
    mock.next(mock_answer::error(401, "invalid_client"));
    mock.next(mock_answer::error(400, "invalid_request"));
    auto const info = failure(client(hasty()), asking(supplier));
    BOOST_TEST(info.kind == error_kind::oauth);
    BOOST_TEST(info.oauth_error == "invalid_request");
    BOOST_TEST(info.attempts == 2U);
    BOOST_REQUIRE(info.earlier.size() == 1U);
    BOOST_TEST(info.earlier[0].http_status == 401U);
    BOOST_TEST(info.earlier[0].kind == error_kind::oauth);
    BOOST_TEST(supplier->asked == 2U); // once more, not twice
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(G10_another_token_has_its_attempt_beyond_max_attempts) {
    auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b")});
    auto twice = hasty();
    twice.retry.max_attempts = 2;
    mock.next(mock_answer::error(503, ""));
    mock.next(mock_answer::error(400, "invalid_request"));
    BOOST_TEST(exchange(client(twice), asking(supplier)).has_value());
    BOOST_TEST(supplier->asked == 2U);
    BOOST_TEST(mock.requests() == 3U);
}

BOOST_AUTO_TEST_CASE(G10_another_token_takes_nothing_from_the_budget) {
    auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b")});
    mock.next(mock_answer::error(400, "invalid_request"));
    auto const sts_client = client(hasty());
    auto const before = sts_client.stats().retry_budget;
    BOOST_TEST(exchange(sts_client, asking(supplier)).has_value());
    BOOST_TEST(sts_client.stats().retry_budget == before);
    BOOST_TEST(sts_client.stats().retries == 0U);
}

BOOST_AUTO_TEST_CASE(G10_the_same_token_again_makes_a_refusal_final) {
    auto const supplier = std::make_shared<sequence>(std::vector{token()});
    mock.next(mock_answer::error(400, "invalid_scope", "no such scope"));
    auto const info = failure(client(hasty()), asking(supplier));
    BOOST_TEST(info.kind == error_kind::oauth);
    BOOST_TEST(info.phase == phase::oauth);
    BOOST_TEST(info.http_status == 400U);
    BOOST_TEST(info.oauth_error == "invalid_scope");
    BOOST_TEST(info.oauth_error_description == "no such scope");
    BOOST_TEST(contains(info.message, "no other subject token"), info.message);
    BOOST_TEST(info.attempts == 1U);
    BOOST_TEST(supplier->asked == 2U);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(G10_a_supplier_that_fails_then_leaves_the_refusal_as_the_error) {
    sts::error_info why;
    why.kind = error_kind::config;
    why.message = "the file is gone";
    auto const supplier = std::make_shared<failing<sts::error>>(token(), 2, sts::error(why));
    mock.next(mock_answer::error(401, "invalid_token"));
    auto const info = failure(client(hasty()), asking(supplier));
    BOOST_TEST(info.kind == error_kind::oauth);
    BOOST_TEST(info.http_status == 401U);
    BOOST_TEST(info.oauth_error == "invalid_token");
    BOOST_TEST(contains(info.message, "the file is gone"), info.message);
    BOOST_TEST(supplier->asked == 2U);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(G10_no_other_failure_asks_again) {
    auto const sts_client = client(hasty());
    for (unsigned const status : {403U, 404U, 415U}) {
        auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b")});
        mock.next(mock_answer::error(status, "access_denied"));
        BOOST_TEST(failure(sts_client, asking(supplier)).attempts == 1U);
        BOOST_TEST(supplier->asked == 1U);
    }
}

BOOST_AUTO_TEST_CASE(G10_a_retry_has_the_same_bytes_and_asks_nobody) {
    auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b")});
    mock.next(mock_answer::error(503, ""));
    mock.next(mock_answer::genuine().reset_after(0));
    BOOST_TEST(exchange(client(hasty()), asking(supplier)).has_value());
    BOOST_TEST(supplier->asked == 1U);
    auto const raw = mock.raw_requests();
    BOOST_REQUIRE(raw.size() == 3U);
    BOOST_TEST(raw[0] == raw[1]);
    BOOST_TEST(raw[1] == raw[2]);
}

BOOST_AUTO_TEST_CASE(G11_a_token_that_expired_in_the_pause_is_asked_for_again) {
    auto const brief = mock.id_token(id_token_claims().lifetime(1s)), fresh = token();
    auto const supplier = std::make_shared<sequence>(std::vector{brief, fresh});
    mock.next(mock_answer::error(503, "").header("Retry-After", "2"));
    BOOST_TEST(exchange(client(), asking(supplier)).has_value());
    BOOST_TEST(supplier->asked == 2U);
    BOOST_TEST(mock.requests() == 2U);
    BOOST_TEST(sent(0, brief));
    BOOST_TEST(sent(1, fresh));
}

BOOST_AUTO_TEST_CASE(G11_a_supplier_that_fails_after_the_pause_ends_the_exchange) {
    sts::error_info why;
    why.kind = error_kind::config;
    why.message = "the file is gone";
    auto const brief = mock.id_token(id_token_claims().lifetime(1s));
    auto const supplier = std::make_shared<failing<sts::error>>(brief, 2, sts::error(why));
    mock.next(mock_answer::error(503, "").header("Retry-After", "2"));
    auto const info = failure(client(), asking(supplier));
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(info.phase == phase::supplier);
    BOOST_TEST(info.attempts == 1U);
    BOOST_REQUIRE(info.earlier.size() == 1U);
    BOOST_TEST(info.earlier[0].http_status == 503U);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(G10_without_retries_a_refusal_asks_nobody) {
    auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b")});
    mock.next(mock_answer::error(400, "invalid_request"));
    BOOST_TEST(failure(client(one_attempt()), asking(supplier)).attempts == 1U);
    BOOST_TEST(supplier->asked == 1U);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(G10_a_classifier_that_gives_up_keeps_it_from_asking) {
    auto const supplier = std::make_shared<sequence>(std::vector{token("a"), token("b")});
    auto resigned = hasty();
    resigned.retry.classifier = [](sts::error_info const&, unsigned) { return retry_decision::give_up; };
    mock.next(mock_answer::error(400, "invalid_request"));
    BOOST_TEST(failure(client(resigned), asking(supplier)).attempts == 1U);
    BOOST_TEST(supplier->asked == 1U);
    BOOST_TEST(mock.requests() == 1U);
}

// ---- suppliers that fail
// ------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_suppliers_error_keeps_its_kind) {
    for (auto const kind :
         {error_kind::config, error_kind::network, error_kind::timeout, error_kind::limit}) {
        sts::error_info why;
        why.kind = kind;
        why.phase = phase::read;
        why.message = "not today";
        auto const info =
            failure(client(), asking(std::make_shared<failing<sts::error>>("a", 1, sts::error(why))));
        BOOST_TEST(info.kind == kind);
        BOOST_TEST(info.phase == phase::supplier);
        BOOST_TEST(info.message == "not today");
        BOOST_TEST(!info.request_sent);
        BOOST_TEST(info.attempts == 0U);
    }
    BOOST_TEST(mock.requests() == 0U);
}

BOOST_AUTO_TEST_CASE(L4_of_another_exception_nothing_is_told) {
    auto const thrower =
        std::make_shared<failing<std::runtime_error>>("a", 1, std::runtime_error("canary-4711 in the text"));
    auto const info = failure(client(), asking(thrower));
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(info.phase == phase::supplier);
    BOOST_TEST(contains(info.message, "the failing one"), info.message);
    BOOST_TEST(!contains(info.to_string(), "canary"), info.to_string());
    BOOST_TEST(failure(client(), asking(std::make_shared<failing<int>>("a", 1, 4711))).phase ==
               phase::supplier);
    BOOST_TEST(mock.requests() == 0U);
}

BOOST_AUTO_TEST_CASE(L4_a_supplier_that_throws_before_it_is_a_coroutine_is_contained) {
    struct plain final : sts::subject_token_supplier {
        asio::awaitable<sts::subject_token> supply(sts::supply_context) override {
            throw std::runtime_error("canary");
        }
        std::string describe() const override { throw std::runtime_error("canary"); }
    };
    auto const info = failure(client(), asking(std::make_shared<plain>()));
    BOOST_TEST(info.phase == phase::supplier);
    BOOST_TEST(!contains(info.to_string(), "canary"), info.to_string());
}

// ---- suppliers that do not answer
// ---------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(L4_a_supplier_may_call_the_client_while_it_describes_itself) {
    struct nosy final : sts::subject_token_supplier {
        explicit nosy(std::string what) : token(std::move(what)) {}
        asio::awaitable<sts::subject_token> supply(sts::supply_context) override {
            co_return sts::subject_token(token);
        }
        std::string describe() const override {
            return "one of " + std::to_string(client->stats().failed()) + " failures";
        }
        std::string const token;
        std::optional<sts::client> client;
    };
    auto const supplier = std::make_shared<nosy>(mock.id_token(id_token_claims().lifetime(-61s)));
    supplier->client.emplace(client());
    sts::token_source const tokens(*supplier->client, asking(supplier));
    std::optional<sts::error_info> why;
    asio::co_spawn(context, tokens.try_get(),
                   [&](std::exception_ptr, auto const& got) { why = got.error(); });
    run_until(context, [&] { return why.has_value(); });
    BOOST_TEST(contains(why->message, "the subject token of one of 0 failures expired"), why->message);
    supplier->client.reset();
}

BOOST_AUTO_TEST_CASE(L4_what_a_description_throws_is_contained) {
    struct nameless final : sts::subject_token_supplier {
        asio::awaitable<sts::subject_token> supply(sts::supply_context) override { throw 1; }
        std::string describe() const override { throw 2; }
    };
    auto const info = failure(client(), asking(std::make_shared<nameless>()));
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(contains(info.message, "(without a description)"), info.message);
}

BOOST_AUTO_TEST_CASE(F1_a_silent_supplier_is_a_timeout) {
    auto const supplier = std::make_shared<silent>(token());
    auto const info = failure(client(), asking(supplier).timeout(50ms));
    BOOST_TEST(info.kind == error_kind::timeout);
    BOOST_TEST(info.phase == phase::supplier);
    BOOST_TEST(!info.request_sent);
    run_until(context, [&] { return supplier->ended == 1; });
    BOOST_TEST(supplier->canceled == 1);
    BOOST_TEST(mock.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(F1_a_supplier_deaf_to_cancellation_holds_nobody_up_and_may_answer_late) {
    auto const supplier = std::make_shared<silent>(token(), true);
    auto const sts_client = client();
    BOOST_TEST(failure(sts_client, asking(supplier).timeout(50ms)).phase == phase::supplier);
    BOOST_TEST(supplier->ended == 0);
    sts_client.close();
    supplier->answer();
    run_until(context, [&] { return supplier->ended == 1; });
    context.poll();
    BOOST_TEST(supplier->canceled == 0);
    BOOST_TEST(mock.requests() == 0U);
}

BOOST_AUTO_TEST_CASE(F6_an_exchange_that_waits_for_its_supplier_is_cancelled) {
    auto const supplier = std::make_shared<silent>(token());
    auto const sts_client = client();
    started one(context, sts_client, asking(supplier));
    run_until(context, [&] { return supplier->asked == 1; });
    one.cancel();
    auto const& ended = one.wait();
    BOOST_REQUIRE(ended.has_error());
    BOOST_TEST(ended.error().kind == error_kind::canceled);
    BOOST_TEST(ended.error().phase == phase::supplier);
    run_until(context, [&] { return supplier->ended == 1; });
    BOOST_TEST(supplier->canceled == 1);
    BOOST_TEST(sts_client.stats().failed(error_kind::canceled) == 1U);
}

BOOST_AUTO_TEST_CASE(F6_cancelled_at_once_the_supplier_may_never_be_asked) {
    auto const supplier = std::make_shared<silent>(token());
    started one(context, client(), asking(supplier));
    one.cancel();
    BOOST_TEST(one.canceled());
    context.restart();
    context.run(); // returns: nothing of the supplier is left
    BOOST_TEST(supplier->asked == supplier->ended);
}

BOOST_AUTO_TEST_CASE(F6_the_second_question_is_cancelled_as_well) {
    struct once final : sts::subject_token_supplier {
        explicit once(std::string token) : first(std::move(token)), then("never") {}
        asio::awaitable<sts::subject_token> supply(sts::supply_context context) override {
            if (asked++ != 0) {
                auto late = co_await then.supply(context);
                co_return late;
            }
            co_return sts::subject_token(first);
        }
        std::string describe() const override { return "once"; }
        std::string const first;
        silent then;
        int asked = 0;
    };
    auto const supplier = std::make_shared<once>(token());
    mock.next(mock_answer::error(400, "invalid_request"));
    started one(context, client(hasty()), asking(supplier));
    run_until(context, [&] { return supplier->then.asked == 1; });
    one.cancel();
    BOOST_TEST(one.canceled());
    run_until(context, [&] { return supplier->then.ended == 1; });
    BOOST_TEST(supplier->then.canceled == 1);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(F6_close_ends_an_exchange_that_waits_for_its_supplier) {
    auto const supplier = std::make_shared<silent>(token());
    auto const sts_client = client();
    started one(context, sts_client, asking(supplier));
    run_until(context, [&] { return supplier->asked == 1; });
    sts_client.close();
    BOOST_TEST(one.canceled());
    context.restart();
    context.run();
    BOOST_TEST(supplier->canceled == 1);
    BOOST_TEST(supplier->ended == 1);
}

BOOST_AUTO_TEST_CASE(shutdown_waits_for_the_supplier) {
    auto const supplier = std::make_shared<silent>(token());
    auto const sts_client = client();
    started one(context, sts_client, asking(supplier));
    run_until(context, [&] { return supplier->asked == 1; });
    bool over = false;
    asio::co_spawn(context, sts_client.shutdown(), [&](std::exception_ptr const&) { over = true; });
    context.poll();
    BOOST_TEST(!over);
    BOOST_TEST(!one.done());
    supplier->answer();
    BOOST_TEST(one.wait().has_value());
    run_until(context, [&] { return over; });
}

BOOST_AUTO_TEST_CASE(F12_a_context_that_goes_first_takes_the_question_along) {
    auto const supplier = std::make_shared<silent>(token());
    {
        asio::io_context gone;
        sts::client const sts_client(gone.get_executor(), options());
        std::optional<outcome> never;
        asio::co_spawn(gone, sts_client.try_exchange(asking(supplier)),
                       [&](std::exception_ptr const&, outcome got) { never.emplace(std::move(got)); });
        while (supplier->asked == 0)
            gone.run_one();
        BOOST_TEST(!never);
    }
    BOOST_TEST(supplier->ended == 0);
    BOOST_TEST(supplier.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(the_last_client_may_go_while_its_supplier_is_asked) {
    auto const supplier = std::make_shared<silent>(token());
    std::optional<sts::client> last(client());
    started one(context, *last, asking(supplier));
    run_until(context, [&] { return supplier->asked == 1; });
    last.reset();
    supplier->answer();
    BOOST_TEST(one.wait().has_value());
    context.restart();
    context.run();
    BOOST_TEST(supplier.use_count() == 1);
}

// ---- many
// ---------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(F13_four_threads_ask_a_supplier_two_hundred_times) {
    auto const supplier = std::make_shared<sequence>(std::vector{token()}, true);
    auto parallel = options();
    parallel.thread_safe = true;
    auto const sts_client = client(parallel);
    std::atomic<int> tokens = 0, failed = 0;
    for (int i = 0; i < 200; ++i)
        asio::co_spawn(context, sts_client.try_exchange(asking(supplier)),
                       [&](std::exception_ptr const& thrown, outcome const& got) {
                           ++(!thrown && got.has_value() ? tokens : failed);
                           if (tokens + failed == 200) sts_client.close();
                       });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] { context.run(); });
    for (auto& one : threads)
        one.join();
    BOOST_TEST(tokens == 200);
    BOOST_TEST(failed == 0);
    BOOST_TEST(supplier->asked == 200U);
    BOOST_TEST(mock.requests() == 200U);
}

BOOST_AUTO_TEST_SUITE_END()
