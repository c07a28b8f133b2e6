// Tokens from the program's own functions.
#include "suppliers/asking.hpp"
#include "support/refused.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <stdexcept>
#include <string>

using namespace test;

BOOST_AUTO_TEST_SUITE(supplier_simple)

BOOST_AUTO_TEST_CASE(callback_is_called_at_each_use) {
    int calls = 0;
    auto const supplier =
        suppliers::callback([&] { return sts::subject_token("call" + std::to_string(++calls)); });
    BOOST_TEST(token_of(supplier) == "call1");
    BOOST_TEST(token_of(supplier) == "call2");
}

BOOST_AUTO_TEST_CASE(coroutine_is_told_the_deadline_and_awaited) {
    auto const deadline = after(std::chrono::hours(1));
    auto const supplier =
        suppliers::coroutine([=](sts::supply_context with) -> asio::awaitable<sts::subject_token> {
            auto const executor = co_await asio::this_coro::executor;
            co_await asio::post(executor, asio::use_awaitable);
            sts::subject_token token(with.deadline() == deadline ? "right" : "wrong");
            co_return token;
        });
    asio::io_context context;
    BOOST_TEST(asked(context, supplier, deadline).token() == "right");
}

BOOST_AUTO_TEST_CASE(functions_that_are_empty_are_refused_at_once) {
    refusal([] { suppliers::callback(nullptr); });
    refusal([] { suppliers::coroutine(nullptr); });
}

BOOST_AUTO_TEST_CASE(a_functions_exception_is_what_the_asker_gets) {
    auto const supplier =
        suppliers::callback([]() -> sts::subject_token { throw std::out_of_range("mine"); });
    BOOST_CHECK_THROW(token_of(supplier), std::out_of_range);
}

BOOST_AUTO_TEST_SUITE_END()
