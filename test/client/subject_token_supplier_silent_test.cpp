// Suppliers that do not answer: deadline, cancellation and the end of the client or its context.
#include "client/scripted_suppliers.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::phase;
using sts::testing::mock_answer;

namespace {

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

} // namespace

BOOST_FIXTURE_TEST_SUITE(subjects, supplied)

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

BOOST_AUTO_TEST_SUITE_END()
