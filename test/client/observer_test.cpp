// What an observer may do, whatever it is told.
#include "client/observed_service.hpp"

#include <boost/asio/strand.hpp>

#include <atomic>
#include <cstddef>
#include <set>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

using namespace test;
using sts::error_kind;
using sts::event_type;
using sts::testing::mock_answer;

BOOST_FIXTURE_TEST_SUITE(observer, observed_service)

BOOST_AUTO_TEST_CASE(L4_an_observer_that_throws_changes_nothing) {
    auto options = observed();
    std::size_t thrown = 0;
    options.observer = [&](sts::event const&) {
        ++thrown;
        throw 1;
    };
    auto const sts_client = client(options);
    mock.next(mock_answer::error(503, ""));
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(thrown == 8U);
    sts_client.close();
    BOOST_TEST(thrown == 9U);
    BOOST_TEST(sts_client.stats().open == 0U);
}

BOOST_AUTO_TEST_CASE(may_ask_for_numbers_and_close_the_client_whatever_it_is_told) {
    for (auto const when : {event_type::connection_opened, event_type::attempt_began,
                            event_type::attempt_ended, event_type::retry_scheduled}) {
        std::optional<sts::client> sts_client;
        auto options = observed();
        options.observer = [&](sts::event const& what) {
            seen.push_back(what);
            BOOST_TEST(sts_client->stats().open <= 1U);
            if (what.type == when) sts_client->close();
        };
        sts_client = client(options);
        mock.always(mock_answer::error(503, ""));
        BOOST_TEST(failure(*sts_client).kind == error_kind::canceled, when);
        BOOST_TEST(sts_client->stats().open == 0U);
        BOOST_TEST(only(event_type::attempt_began).exchange == 1U);
        BOOST_TEST(only(event_type::attempt_ended).exchange == 1U);
        seen.clear();
    }
}

BOOST_AUTO_TEST_CASE(may_start_another_exchange) {
    std::optional<sts::client> sts_client;
    auto options = observed();
    std::optional<started> another;
    options.observer = [&](sts::event const& what) {
        if (what.type == event_type::attempt_began && !another)
            another.emplace(context, *sts_client, request());
    };
    sts_client = client(options);
    BOOST_TEST(exchange(*sts_client).has_value());
    BOOST_REQUIRE(another.has_value());
    BOOST_TEST(another->wait().has_value());
}

BOOST_AUTO_TEST_CASE(is_told_of_as_many_ends_as_beginnings_by_several_threads) {
    constexpr int total = 400;
    std::atomic<int> began = 0, ended = 0, tokens = 0, left = total;
    auto options = observed();
    options.pool.max_connections = 8;
    options.observer = [&](sts::event const& what) {
        if (what.type == event_type::attempt_began) ++began;
        if (what.type == event_type::attempt_ended) ++ended;
    };
    auto const sts_client = client(options);
    for (int i = 0; i < 20; ++i)
        mock.next(mock_answer::error(503, ""));
    for (int i = 0; i < total; ++i)
        asio::co_spawn(asio::make_strand(context), sts_client.try_exchange(request()),
                       [&](std::exception_ptr thrown, outcome const& got) {
                           if (!thrown && got.has_value()) ++tokens;
                           if (--left == 0) sts_client.close();
                       });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] { context.run(); });
    for (auto& thread : threads)
        thread.join();
    BOOST_TEST(tokens == total);
    BOOST_TEST(began == total + static_cast<int>(sts_client.stats().retries));
    BOOST_TEST(ended == began);
}

BOOST_AUTO_TEST_CASE(an_event_has_a_name_and_no_text) {
    static_assert(std::is_trivially_copyable_v<sts::event>, "nothing in it owns memory");
    std::set<std::string_view> names;
    for (int type = 0; type <= static_cast<int>(event_type::store_unshared); ++type)
        names.insert(to_string(static_cast<event_type>(type)));
    BOOST_TEST(names.size() == static_cast<std::size_t>(event_type::store_unshared) + 1);
    BOOST_TEST(names.count("unknown") == 0U);
    BOOST_TEST(to_string(event_type::retry_scheduled) == "retry_scheduled");
    BOOST_TEST(to_string(static_cast<event_type>(99)) == "unknown");
}

BOOST_AUTO_TEST_SUITE_END()
