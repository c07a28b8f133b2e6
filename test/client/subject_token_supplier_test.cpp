// Exchanges whose subject token comes from a supplier, as a service sees them.
#include "client/scripted_suppliers.hpp"

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

using namespace test;
using namespace std::chrono_literals;

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
