// A fetch under way: whom it reaches, how it ends, and what it leaves.
#include "suppliers/plain_http_fixture.hpp"
#include "support/descriptors.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <iterator>
#include <list>
#include <string>
#include <thread>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;

BOOST_FIXTURE_TEST_SUITE(fetch_over_plain_http, plain_http_fixture)

BOOST_AUTO_TEST_CASE(goes_to_localhost) {
    auto const from = sts::suppliers::insecure_metadata_http(
        "http://localhost:" + std::to_string(server.port()) + "/", hasty_options());
    BOOST_TEST(text(from) == "a-token");
    BOOST_TEST(contains(only_request(), "\r\nHost: localhost:" + std::to_string(server.port()) + "\r\n"));
}

BOOST_AUTO_TEST_CASE(never_goes_through_a_proxy) {
    auto options = one_attempt();
    options.connection.proxy.emplace("http://127.0.0.1:1");
    BOOST_TEST(text(supplier(options)) == "a-token");
}

BOOST_AUTO_TEST_CASE(needs_no_authority) {
    auto options = one_attempt();
    options.connection.tls.ca_file = "/no/such/file";
    BOOST_TEST(text(supplier(options)) == "a-token");
}

BOOST_AUTO_TEST_CASE(tells_that_nobody_listens) {
    auto const nobody = [] {
        asio::io_context context;
        asio::ip::tcp::acceptor const gone(context, {asio::ip::address_v4::loopback(), 0});
        return gone.local_endpoint().port();
    }();
    auto const from = sts::suppliers::insecure_metadata_http(
        "http://127.0.0.1:" + std::to_string(nobody) + "/", one_attempt());
    auto const info = failure(from);
    BOOST_TEST(info.kind == error_kind::connect);
    BOOST_TEST(contains(info.message, from->describe()));
}

BOOST_AUTO_TEST_CASE(has_a_connection_of_its_own) {
    auto const from = supplier();
    fetching one(context, from), two(context, from);
    BOOST_TEST(one.text() == "a-token");
    BOOST_TEST(two.text() == "a-token");
    BOOST_TEST(text(from) == "a-token");
    BOOST_TEST(server.connections() == 3U);
}

BOOST_AUTO_TEST_CASE(leaves_nothing_open) {
    asio::steady_timer const timer(context); // has the context open what it works with
    auto const descriptors = open_descriptors();
    auto const from = supplier();
    BOOST_TEST(text(from) == "a-token");
    run_out();
    BOOST_TEST(eventually([&] { return open_descriptors() <= descriptors; }));
}

BOOST_AUTO_TEST_CASE(ends_with_the_callers_deadline) {
    server.fall_silent();
    auto const info = fetching(context, supplier(), std::chrono::steady_clock::now() + 60ms).failure();
    BOOST_TEST(info.kind == error_kind::timeout);
    run_out();
}

BOOST_AUTO_TEST_CASE(ends_with_its_own_timeout) {
    server.fall_silent();
    auto options = hasty_options();
    options.connection.timeout = 60ms;
    BOOST_TEST(failure(supplier(options)).kind == error_kind::timeout);
}

BOOST_AUTO_TEST_CASE(does_not_begin_after_the_deadline) {
    auto const info = fetching(context, supplier(), std::chrono::steady_clock::now()).failure();
    BOOST_TEST(info.kind == error_kind::timeout);
    BOOST_TEST(server.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(can_be_cancelled_at_each_step) {
    asio::steady_timer const timer(context);
    auto const descriptors = open_descriptors();
    bool finished = false;
    for (int step = 0; !finished; ++step) {
        BOOST_REQUIRE(step < 2000);
        auto const from = supplier();
        {
            fetching one(context, from);
            context.restart();
            for (int i = 0; i < step && !one.done(); ++i)
                context.run_one_for(patience);
            finished = one.done();
            one.cancel();
            BOOST_TEST((one.canceled() || one.text() == "a-token"), step);
        }
        run_out(); // although the supplier lives
        BOOST_TEST(text(from) == "a-token", step);
    }
    run_out();
    BOOST_TEST(eventually([&] { return open_descriptors() <= descriptors; }));
}

BOOST_AUTO_TEST_CASE(leaves_others_alone_when_it_is_cancelled) {
    server.fall_silent();
    auto const from = supplier();
    fetching one(context, from);
    run_until(context, [&] { return server.requests().size() == 1; });
    one.cancel();
    fetching two(context, from, std::chrono::steady_clock::now() + 60ms);
    BOOST_TEST(one.canceled());
    BOOST_TEST(two.failure().kind == error_kind::timeout); // not that something was closed
}

BOOST_AUTO_TEST_CASE(goes_on_although_the_supplier_is_let_go) {
    auto from = supplier();
    fetching one(context, from);
    from.reset();
    BOOST_TEST(one.text() == "a-token");
}

BOOST_AUTO_TEST_CASE(may_be_made_by_several_threads) {
    auto const from = supplier();
    std::list<fetching> all;
    for (int i = 0; i < 40; ++i)
        all.emplace_back(context, from);
    for (auto i = all.begin(); i != std::next(all.begin(), 10); ++i)
        i->cancel();
    std::thread other([&] { context.run(); });
    context.run();
    other.join();
    for (auto& one : all)
        BOOST_TEST((one.canceled() || one.text() == "a-token"));
}

BOOST_AUTO_TEST_CASE(works_on_contexts_that_come_and_go_on_several_threads) {
    auto const from = supplier();
    std::atomic<int> right = 0;
    auto const fetch_often = [&] {
        for (int i = 0; i < 50; ++i) {
            asio::io_context own;
            fetching one(own, from);
            while (!one.done() && own.run_one_for(patience) != 0) {
            }
            if (one.done() && one.text() == "a-token") ++right;
        }
    };
    std::thread other(fetch_often);
    fetch_often();
    other.join();
    BOOST_TEST(right == 100);
}

BOOST_AUTO_TEST_CASE(works_on_one_context_after_another) {
    auto const from = supplier();
    for (int i = 0; i < 3; ++i) {
        asio::io_context own;
        BOOST_TEST(fetching(own, from).text() == "a-token");
    }
    BOOST_TEST(text(from) == "a-token");
}

BOOST_AUTO_TEST_CASE(may_go_with_its_context) {
    server.fall_silent();
    auto const kept = supplier();
    {
        asio::io_context own;
        fetching const one(own, kept);
        fetching const two(own, supplier()); // which has nothing but its fetch to hold it
        run_until(own, [&] { return server.requests().size() == 2; });
    }
    fetching const another(context, kept);
    run_until(context, [&] { return server.requests().size() == 3; });
}

BOOST_AUTO_TEST_SUITE_END()
