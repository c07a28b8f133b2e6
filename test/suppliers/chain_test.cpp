// One supplier after another.
#include "suppliers/asking.hpp"
#include "support/refused.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

using namespace test;

namespace {

/// Counts how often it is asked.
struct member {
    std::string text; ///< the token, or empty to fail
    sts::error_kind kind = sts::error_kind::config;
    int asked = 0;

    suppliers::supplier_ptr supplier() {
        return suppliers::callback([this] {
            ++asked;
            if (!text.empty()) return sts::subject_token(text);
            sts::error_info info;
            info.kind = kind;
            info.message = "no luck";
            throw sts::error(info);
        });
    }
};

asio::awaitable<sts::subject_token> never(sts::supply_context) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer forever(executor, std::chrono::steady_clock::time_point::max());
    co_await forever.async_wait(asio::use_awaitable);
    throw std::logic_error("forever is over");
}

} // namespace

BOOST_AUTO_TEST_SUITE(supplier_chain)

BOOST_AUTO_TEST_CASE(the_first_that_supplies_is_asked_first_from_then_on) {
    member first, second{"second"}, third{"third"};
    auto const chain = suppliers::chain({first.supplier(), second.supplier(), third.supplier()});
    BOOST_TEST(token_of(chain) == "second");
    BOOST_TEST(token_of(chain) == "second");
    BOOST_TEST(first.asked == 1);
    BOOST_TEST(second.asked == 2);
    BOOST_TEST(third.asked == 0);
}

BOOST_AUTO_TEST_CASE(when_the_one_that_supplied_fails_all_others_are_asked) {
    member first, second{"second"}, third{"third"};
    auto const chain = suppliers::chain({first.supplier(), second.supplier(), third.supplier()});
    token_of(chain);
    second.text.clear();
    BOOST_TEST(token_of(chain) == "third");
    third.text.clear();
    first.text = "first";
    BOOST_TEST(token_of(chain) == "first");
    BOOST_TEST(second.asked == 2);
    BOOST_TEST(third.asked == 2);
}

BOOST_AUTO_TEST_CASE(when_all_fail_each_reason_is_told_and_the_last_kind) {
    member network;
    network.kind = sts::error_kind::network;
    auto const chain = suppliers::chain({suppliers::environment("EQUINIX_STS_TEST"), network.supplier()});
    asio::io_context context;
    auto const info = asked(context, chain).failure();
    BOOST_TEST(info.kind == sts::error_kind::network);
    BOOST_TEST(contains(info.message, "environment variable 'EQUINIX_STS_TEST': "), info.message);
    BOOST_TEST(contains(info.message, "is unset or empty"), info.message);
    BOOST_TEST(contains(info.message, "callback: no luck"), info.message);
}

BOOST_AUTO_TEST_CASE(a_strangers_exception_is_not_told_and_leads_to_the_next) {
    auto const stranger =
        suppliers::callback([]() -> sts::subject_token { throw std::runtime_error("canary"); });
    auto const message = refusal_of(suppliers::chain({stranger}));
    BOOST_TEST(contains(message, "callback: threw an exception"));
    BOOST_TEST(!contains(message, "canary"));
    member good{"good"};
    BOOST_TEST(token_of(suppliers::chain({stranger, good.supplier()})) == "good");
}

BOOST_AUTO_TEST_CASE(cancellation_ends_it_and_asks_nobody_else) {
    member second{"second"};
    asio::io_context context;
    asked one(context, suppliers::chain({suppliers::coroutine(never), second.supplier()}));
    context.poll();
    BOOST_TEST(!one.done());
    one.cancel();
    BOOST_TEST(one.canceled());
    BOOST_TEST(second.asked == 0);
}

BOOST_AUTO_TEST_CASE(past_the_deadline_nobody_else_is_asked) {
    member first, second{"second"};
    asio::io_context context;
    auto const info = asked(context, suppliers::chain({first.supplier(), second.supplier()}),
                            after(std::chrono::seconds(0)))
                          .failure();
    BOOST_TEST(info.kind == sts::error_kind::timeout);
    BOOST_TEST(contains(info.message, "callback: no luck"), info.message);
    BOOST_TEST(second.asked == 0);
}

BOOST_AUTO_TEST_CASE(an_empty_list_and_null_pointers_are_refused_at_once) {
    refusal([] { suppliers::chain({}); });
    refusal([] { suppliers::chain({suppliers::literal(sts::subject_token("abc")), nullptr}); });
}

BOOST_AUTO_TEST_CASE(describes_its_members) {
    auto const chain =
        suppliers::chain({suppliers::literal(sts::subject_token("abc")), suppliers::file("/a/b")});
    BOOST_TEST(chain->describe() == "chain of literal token, file '/a/b'");
}

BOOST_AUTO_TEST_SUITE_END()
