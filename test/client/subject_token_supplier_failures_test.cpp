// Suppliers that fail, and those that call the client or throw when they describe themselves.
#include "client/scripted_suppliers.hpp"

#include <stdexcept>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::phase;
using sts::testing::id_token_claims;

BOOST_FIXTURE_TEST_SUITE(subjects, supplied)

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

BOOST_AUTO_TEST_SUITE_END()
