// What an observer is told of exchanges and connections.
#include "support/service.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>
#include <type_traits>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::event_type;
using sts::phase;
using sts::testing::mock_answer;

namespace equinix::sts {
static std::ostream& operator<<(std::ostream& out, event_type type) {
    return out << to_string(type);
}
} // namespace equinix::sts

namespace {

using types = std::vector<event_type>;

struct fixture : service {
    sts::client_options observed() {
        auto made = options();
        made.retry.base_delay = 1ns;
        made.observer = [this](sts::event const& what) { seen.push_back(what); };
        return made;
    }

    /// What was told so far, forgotten here.
    types told() {
        types out;
        for (auto const& one : std::exchange(seen, {}))
            out.push_back(one.type);
        return out;
    }

    sts::event only(event_type type) const {
        auto const is = [&](sts::event const& one) { return one.type == type; };
        BOOST_REQUIRE(std::count_if(seen.begin(), seen.end(), is) == 1);
        return *std::find_if(seen.begin(), seen.end(), is);
    }

    std::vector<sts::event> seen;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(observer, fixture)

BOOST_AUTO_TEST_CASE(a_first_exchange_opens_a_connection_for_its_attempt) {
    auto const before = std::chrono::steady_clock::now();
    BOOST_TEST(exchange(client(observed())).has_value());
    BOOST_REQUIRE(seen.size() >= 3U);
    auto const& opened = seen[0];
    auto const& began = seen[1];
    auto const& ended = seen[2];
    BOOST_TEST(opened.type == event_type::connection_opened);
    BOOST_TEST(opened.duration.count() > 0);
    BOOST_TEST(opened.connection == 1U);
    BOOST_TEST(opened.exchange == 0U);
    BOOST_TEST((opened.at >= before));
    BOOST_TEST(began.type == event_type::attempt_began);
    BOOST_TEST(ended.type == event_type::attempt_ended);
    for (auto const* const one : {&began, &ended}) {
        BOOST_TEST(one->exchange == 1U);
        BOOST_TEST(one->attempt == 1U);
        BOOST_TEST(one->connection == 1U);
        BOOST_TEST(!one->failed);
        BOOST_TEST(!one->code.failed());
    }
    BOOST_TEST((began.duration == 0ns));
    BOOST_TEST((ended.duration == ended.at - began.at));
}

BOOST_AUTO_TEST_CASE(a_second_exchange_reuses_the_connection) {
    auto const sts_client = client(observed());
    BOOST_TEST(exchange(sts_client).has_value());
    seen.clear();
    BOOST_TEST(exchange(sts_client).has_value());
    auto const reused = only(event_type::connection_reused);
    BOOST_TEST(reused.exchange == 2U);
    BOOST_TEST(reused.attempt == 1U);
    BOOST_TEST(reused.connection == 1U);
    BOOST_TEST((told() ==
                types{event_type::connection_reused, event_type::attempt_began, event_type::attempt_ended}));
}

BOOST_AUTO_TEST_CASE(a_retry_is_told_with_its_wait_between_two_attempts) {
    mock.next(mock_answer::error(503, ""));
    auto options = observed();
    options.retry.base_delay = 1ms;
    auto const sts_client = client(options);
    BOOST_TEST(exchange(sts_client).has_value());
    auto const retry = only(event_type::retry_scheduled);
    BOOST_REQUIRE(seen.size() >= 7U);
    auto const& failed = seen[2];
    BOOST_TEST(failed.attempt == 1U);
    BOOST_TEST(failed.failed);
    BOOST_TEST(failed.kind == error_kind::unavailable);
    BOOST_TEST(failed.http_status == 503U);
    BOOST_TEST(retry.exchange == 1U);
    BOOST_TEST(retry.attempt == 1U);
    auto const& second = seen[5];
    BOOST_TEST(second.attempt == 2U);
    BOOST_TEST((retry.duration >= 0ns));
    BOOST_TEST((second.at >= retry.at + retry.duration));
    BOOST_TEST(seen[6].attempt == 2U);
    BOOST_TEST(!seen[6].failed);
    BOOST_TEST(
        (told() == types{event_type::connection_opened, event_type::attempt_began, event_type::attempt_ended,
                         event_type::retry_scheduled, event_type::connection_resumed,
                         event_type::attempt_began, event_type::attempt_ended,
                         event_type::connection_dropped})); // the one that brought the error
}

BOOST_AUTO_TEST_CASE(a_last_attempt_schedules_none) {
    auto options = observed();
    options.retry.max_attempts = 1;
    auto const sts_client = client(options);
    mock.next(mock_answer::error(503, ""));
    BOOST_TEST(failure(sts_client).kind == error_kind::unavailable);
    BOOST_TEST((told() ==
                types{event_type::connection_opened, event_type::attempt_began, event_type::attempt_ended}));
}

BOOST_AUTO_TEST_CASE(a_resumed_session_is_told_as_such) {
    auto const sts_client = client(observed());
    mock.next(mock_answer::genuine().close_after());
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(only(event_type::connection_opened).connection == 1U);
    BOOST_TEST(only(event_type::connection_dropped).connection == 1U);
    BOOST_TEST(only(event_type::connection_resumed).connection == 2U);
}

BOOST_AUTO_TEST_CASE(a_connection_that_the_service_closes_is_dropped) {
    auto const sts_client = client(observed());
    mock.next(mock_answer::genuine().close_after());
    BOOST_TEST(exchange(sts_client).has_value());
    run_until(context, [&] { return sts_client.stats().open == 0; });
    BOOST_TEST(only(event_type::connection_dropped).connection == 1U);
    BOOST_TEST((told() == types{event_type::connection_opened, event_type::attempt_began,
                                event_type::attempt_ended, event_type::connection_dropped}));
}

BOOST_AUTO_TEST_CASE(closing_drops_what_is_open) {
    auto const sts_client = client(observed());
    BOOST_TEST(exchange(sts_client).has_value());
    seen.clear();
    sts_client.close();
    BOOST_TEST((told() == types{event_type::connection_dropped}));
}

BOOST_AUTO_TEST_CASE(a_replaced_connection_is_the_same_attempt) {
    auto const sts_client = client(observed());
    BOOST_TEST(exchange(sts_client).has_value());
    seen.clear();
    mock.next(mock_answer::genuine().cut_after(0));
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(sts_client.stats().replaced == 1U);
    BOOST_TEST(only(event_type::attempt_began).connection == 1U);
    BOOST_TEST(only(event_type::attempt_ended).connection == 2U);
    BOOST_TEST((told() == types{event_type::connection_reused, event_type::attempt_began,
                                event_type::connection_dropped, event_type::connection_resumed,
                                event_type::attempt_ended}));
}

BOOST_AUTO_TEST_CASE(a_refused_connection_is_told_and_fails_the_attempt) {
    auto options = observed();
    {
        sts::testing::mock_sts const gone;
        options.endpoint = sts::endpoint(gone.url());
    }
    options.retry.max_attempts = 1;
    BOOST_TEST(failure(client(options)).kind == error_kind::connect);
    auto const refused = only(event_type::connection_failed);
    BOOST_TEST(refused.connection == 1U);
    BOOST_TEST(refused.failed);
    BOOST_TEST(refused.kind == error_kind::connect);
    BOOST_TEST(refused.phase == phase::connect);
    BOOST_TEST((refused.code == boost::system::errc::connection_refused));
    auto const ended = only(event_type::attempt_ended);
    BOOST_TEST(ended.connection == 0U);
    BOOST_TEST(ended.kind == error_kind::connect);
    BOOST_TEST((told() ==
                types{event_type::connection_failed, event_type::attempt_began, event_type::attempt_ended}));
}

BOOST_AUTO_TEST_CASE(L11_an_attempt_without_a_connection_took_as_long_as_one_was_wanted) {
    asio::ip::tcp::acceptor const silent(context, {asio::ip::address_v4::loopback(), 0});
    auto options = observed();
    options.endpoint =
        sts::endpoint("https://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/use/token");
    options.connect_timeout = 20ms;
    options.retry.max_attempts = 1;
    BOOST_TEST(failure(client(options)).kind == error_kind::timeout);
    BOOST_TEST((only(event_type::attempt_ended).duration >= 20ms));
}

BOOST_AUTO_TEST_CASE(L11_an_attempt_that_ends_while_its_connection_opens_is_told) {
    asio::ip::tcp::acceptor const silent(context, {asio::ip::address_v4::loopback(), 0});
    auto options = observed();
    options.endpoint =
        sts::endpoint("https://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/use/token");
    BOOST_TEST(failure(client(options), request().timeout(30ms)).kind == error_kind::timeout);
    auto const ended = only(event_type::attempt_ended);
    BOOST_TEST(ended.kind == error_kind::timeout);
    BOOST_TEST((ended.duration >= 30ms));
}

BOOST_AUTO_TEST_CASE(L11_an_exchange_is_told_by_its_tag) {
    auto const sts_client = client(observed());
    BOOST_TEST(exchange(sts_client, request().tag(42)).has_value());
    BOOST_TEST(only(event_type::attempt_began).tag == 42U);
    BOOST_TEST(only(event_type::attempt_ended).tag == 42U);
    seen.clear();
    BOOST_TEST(exchange(sts_client, request()).has_value());
    BOOST_TEST(only(event_type::attempt_ended).tag == 0U);
}

BOOST_AUTO_TEST_CASE(a_handshake_that_fails_drops_nothing) {
    auto options = observed();
    options.tls.ca_pem = sts::testing::mock_sts().ca_pem();
    options.retry.max_attempts = 1;
    BOOST_TEST(failure(client(options)).kind == error_kind::tls);
    BOOST_TEST(only(event_type::connection_failed).phase == phase::tls);
    BOOST_TEST((told() ==
                types{event_type::connection_failed, event_type::attempt_began, event_type::attempt_ended}));
}

BOOST_AUTO_TEST_CASE(a_cancelled_attempt_ends) {
    mock.always(mock_answer::genuine().hold());
    auto const sts_client = client(observed());
    started one(context, sts_client, request());
    run_until(context, [&] { return mock.requests() == 1; });
    one.cancel();
    BOOST_TEST(one.canceled());
    auto const ended = only(event_type::attempt_ended);
    BOOST_TEST(ended.failed);
    BOOST_TEST(ended.kind == error_kind::canceled);
    BOOST_TEST(ended.exchange == 1U);
    BOOST_TEST(ended.attempt == 1U);
    BOOST_TEST(only(event_type::connection_dropped).connection == 1U);
}

BOOST_AUTO_TEST_CASE(an_attempt_whose_exchange_is_out_of_time_ends) {
    mock.always(mock_answer::genuine().hold());
    BOOST_TEST(failure(client(observed()), request().timeout(30ms)).kind == error_kind::timeout);
    BOOST_TEST(only(event_type::attempt_ended).kind == error_kind::timeout);
}

BOOST_AUTO_TEST_CASE(an_exchange_cancelled_in_the_queue_had_no_attempt) {
    mock.always(mock_answer::genuine().hold());
    auto options = observed();
    options.pool.max_connections = 1;
    auto const sts_client = client(options);
    started first(context, sts_client, request());
    run_until(context, [&] { return mock.requests() == 1; });
    started second(context, sts_client, request());
    run_until(context, [&] { return sts_client.stats().waiting == 1; });
    second.cancel();
    BOOST_TEST(second.canceled());
    mock.release();
    BOOST_TEST(first.wait().has_value());
    for (auto const& one : seen)
        BOOST_TEST(one.exchange != 2U);
}

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
