// A token source whose request is refused for good, in simulated time.
#include "simulated/simulation.hpp"

#include <equinix/sts/suppliers.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::testing::mock_answer;

namespace {

/// Always the same subject token; hangs when told to.
struct hesitant_supplier final : sts::subject_token_supplier {
    explicit hesitant_supplier(std::string text) : token(std::move(text)) {}

    asio::awaitable<sts::subject_token> supply(sts::supply_context context) override {
        asio::steady_timer timer(context.executor(), std::chrono::hours(1));
        if (!hangs) co_return sts::subject_token(token);
        co_await timer.async_wait(asio::use_awaitable);
        co_return sts::subject_token(token);
    }
    std::string describe() const override { return "a test"; }

    std::string const token;
    bool hangs = false;
};

} // namespace

BOOST_AUTO_TEST_SUITE(refresh)

BOOST_FIXTURE_TEST_CASE(a_refusal_for_good_is_asked_again_after_10_20_40_and_60_s, simulation) {
    watch();
    mock.always(mock_answer::error(400, "invalid_scope"));
    std::vector<std::chrono::seconds> asked;
    std::size_t seen = 0;
    auto const start = simulated::elapsed();
    auto const look = [&] {
        BOOST_REQUIRE(get_now().has_error());
        BOOST_REQUIRE(mock.requests() - seen <= 1U);
        if (mock.requests() == seen) return;
        ++seen;
        asked.push_back(std::chrono::floor<std::chrono::seconds>(simulated::elapsed() - start));
    };
    look();
    run_for(255s, 100ms, look);
    std::vector<std::chrono::seconds> const due = {0s, 10s, 30s, 70s, 130s, 190s, 250s};
    BOOST_TEST((asked == due));
}

BOOST_FIXTURE_TEST_CASE(an_abandoned_look_for_another_subject_token_does_not_pass_for_an_exchange,
                        simulation) {
    auto const supplier = std::make_shared<hesitant_supplier>(mock.id_token());
    watch(source(used, sts::exchange_request(supplier).scope(sts::scope::role_assignments("1"))));
    mock.always(mock_answer::error(403, "access_denied"));
    BOOST_TEST(get_now().has_error());
    run_for(2s, 1s);
    supplier->hangs = true;
    waiting one(context, [&] { return tokens->try_get(); });
    context.restart();
    context.poll();
    BOOST_TEST(tokens->stats().in_flight == 1U);
    one.cancel();
    settle();
    BOOST_TEST(one.canceled());
    BOOST_TEST(mock.requests() == 1U);
    supplier->hangs = false;
    mock.always(std::nullopt);
    run_for(9s, 1s);
    BOOST_TEST(get_now().has_value());
}

BOOST_FIXTURE_TEST_CASE(who_has_no_time_leaves_the_look_for_another_subject_token_to_who_has, simulation) {
    std::string subject = "first";
    auto const supplier = sts::suppliers::callback([&] { return sts::subject_token(subject); });
    watch(source(used, sts::exchange_request(supplier).scope(sts::scope::role_assignments("1"))));
    mock.always(mock_answer::error(400, "invalid_grant"));
    BOOST_TEST(get_now().has_error());
    run_for(1100ms, 100ms);
    subject = "second";
    mock.always(token_for(60s));
    waiting hasty(context, [&] { return tokens->try_get(0ns); });
    BOOST_TEST(hasty.wait().error().kind == error_kind::oauth); // what is known
    BOOST_TEST(get_now().has_value());
}

BOOST_FIXTURE_TEST_CASE(a_refusal_by_a_service_of_the_suppliers_is_no_refusal_of_the_request, simulation) {
    int asked = 0;
    auto const supplier = sts::suppliers::callback([&]() -> sts::subject_token {
        sts::error_info refused;
        refused.kind = error_kind::oauth;
        refused.http_status = 400;
        if (++asked == 1) throw sts::error(refused);
        return sts::subject_token("abc");
    });
    watch(source(used, sts::exchange_request(supplier).scope(sts::scope::role_assignments("1"))));
    mock.always(token_for(60s));
    BOOST_TEST(get_now().error().kind == error_kind::oauth);
    run_for(250ms, 250ms); // longer than the pause after a failure that may pass
    BOOST_TEST(get_now().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
