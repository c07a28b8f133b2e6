// Names and addresses in trouble (section A of doc/faults.md).
#include "suppliers/fetching.hpp"
#include "support/descriptors.hpp"
#include "support/refused.hpp"
#include "support/service.hpp"
#include "system/scripted_system.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <netdb.h>

using namespace test;
using namespace std::chrono_literals;
using scripted::call;
using scripted::fate;
using sts::error_kind;
using sts::phase;
using tcp = asio::ip::tcp;

namespace {

/// A port that takes no connection and refuses none: its queue is full.
class black_hole {
public:
    explicit black_hole(asio::io_context& context) : listening_(context), waiting_(context) {
        tcp::endpoint const any(asio::ip::address_v4::loopback(), 0);
        listening_.open(any.protocol());
        listening_.bind(any);
        listening_.listen(0);
        waiting_.connect(listening_.local_endpoint());
    }
    std::uint16_t port() const { return listening_.local_endpoint().port(); }

private:
    tcp::acceptor listening_;
    tcp::socket waiting_;
};

struct names : service {
    names() : service(with_name()) { scripted::name("sts.test", {"127.0.0.1"}); }
    static sts::testing::mock_options with_name() {
        sts::testing::mock_options made;
        made.certificate_names = {"localhost", "sts.test"};
        return made;
    }
    sts::client_options named(std::string const& host = "sts.test") const {
        auto made = options();
        made.endpoint = sts::endpoint("https://" + host + ":" + std::to_string(mock.port()) + "/use/token");
        return made;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(names_and_addresses, names)

BOOST_AUTO_TEST_CASE(a_name_is_looked_up_and_reached) {
    BOOST_TEST(exchange(client(named())).has_value());
    BOOST_TEST(scripted::lookups() == 1U);
}

BOOST_AUTO_TEST_CASE(A1_an_unknown_name_is_asked_for_twice) {
    scripted::name_error("unknown.test", EAI_NONAME);
    auto const info = failure(client(named("unknown.test")));
    BOOST_TEST(info.kind == error_kind::dns);
    BOOST_TEST(info.phase == phase::dns);
    BOOST_TEST(info.attempts == 2U);
    BOOST_TEST(scripted::lookups() == 2U);
    BOOST_REQUIRE(info.earlier.size() == 1U);
    BOOST_TEST(info.earlier[0].kind == error_kind::dns);
    BOOST_TEST(info.retryable());
}

BOOST_AUTO_TEST_CASE(A1_each_failure_of_the_resolver_is_told) {
    for (int const code : {EAI_NONAME, EAI_AGAIN, EAI_FAIL, EAI_MEMORY, EAI_SERVICE}) {
        scripted::name_error("broken.test", code);
        auto options = named("broken.test");
        options.retry.max_attempts = 1;
        auto const info = failure(client(options));
        BOOST_TEST(info.kind == error_kind::dns, code);
        BOOST_TEST(info.code.failed());
        BOOST_TEST(!info.code.message().empty());
    }
}

BOOST_AUTO_TEST_CASE(A2_a_silent_resolver_holds_neither_client_nor_context) {
    scripted::silent_name("silent.test");
    {
        asio::io_context own;
        sts::client const one(own.get_executor(), named("silent.test"));
        asio::co_spawn(own, one.try_exchange(request()), asio::detached);
        while (scripted::lookups() == 0)
            own.poll();
    }
    // The answer comes when nobody is there any more, which the sanitizers watch.
    scripted::release_names();
    scripted::wait_for_no_lookup();
    BOOST_TEST(exchange(client(named())).has_value());
}

BOOST_AUTO_TEST_CASE(A2_an_exchange_that_left_gets_no_late_answer) {
    scripted::silent_name("silent.test");
    auto const sts_client = client(named("silent.test"));
    auto const info = failure(sts_client, request().timeout(50ms));
    BOOST_TEST(info.kind == error_kind::timeout);
    sts_client.close();
    context.restart();
    context.run(); // returns: the look-up is no work of the context
    scripted::release_names();
    scripted::wait_for_no_lookup();
}

BOOST_AUTO_TEST_CASE(F5_the_deadline_passes_while_the_name_is_looked_up) {
    scripted::silent_name("silent.test");
    auto const info = failure(client(named("silent.test")), request().timeout(50ms));
    BOOST_TEST(info.kind == error_kind::timeout);
    BOOST_TEST(info.phase == phase::dns);
    BOOST_TEST(!info.request_sent);
    scripted::release_names();
}

BOOST_AUTO_TEST_CASE(the_connect_bound_covers_the_look_up) {
    scripted::silent_name("silent.test");
    auto options = named("silent.test");
    options.connect_timeout = 50ms;
    options.retry.max_attempts = 1;
    auto const info = failure(client(options));
    BOOST_TEST(info.kind == error_kind::timeout);
    BOOST_TEST(info.phase == phase::dns);
    BOOST_TEST(contains(info.message, "connect_timeout"));
    scripted::release_names();
}

BOOST_AUTO_TEST_CASE(A3_a_thousand_exchanges_on_a_silent_resolver_take_one_thread) {
    scripted::silent_name("silent.test");
    auto const before = running_threads();
    auto const sts_client = client(named("silent.test"));
    std::vector<std::unique_ptr<started>> all;
    for (int i = 0; i < 1000; ++i)
        all.push_back(std::make_unique<started>(context, sts_client, request()));
    run_until(context, [&] { return scripted::lookups() == 1; });
    context.poll();
    BOOST_TEST(running_threads() <= before + 1);
    BOOST_TEST(scripted::lookups() == 1U);
    BOOST_TEST(exchange(client()).has_value()); // one that needs no look-up
    sts_client.close();
    for (auto const& one : all)
        BOOST_TEST(one->wait().error().kind == error_kind::canceled);
    scripted::release_names();
    scripted::wait_for_no_lookup();
}

BOOST_AUTO_TEST_CASE(A3_fetches_that_are_cancelled_on_a_silent_resolver_take_one_thread) {
    scripted::silent_name("silent.test");
    auto const before = running_threads();
    auto const supplier = sts::suppliers::http("https://silent.test/token");
    for (int i = 0; i < 20; ++i) {
        fetching one(context, supplier);
        run_until(context, [&] { return scripted::lookups() >= 1; });
        context.poll();
        one.cancel();
        BOOST_TEST(one.canceled());
        BOOST_TEST(running_threads() <= before + 1);
    }
    BOOST_TEST(scripted::lookups() == 1U);
    scripted::release_names();
    scripted::wait_for_no_lookup();
}

BOOST_AUTO_TEST_CASE(A5_addresses_that_keep_silent_meet_the_connect_bound) {
    black_hole const hole(context);
    scripted::name("sts.test", {"127.0.0.1", "127.0.0.1"});
    scripted::calls const connects(call::connect, [&](std::size_t) {
        fate decided;
        decided.port = hole.port();
        return decided;
    });
    auto options = named();
    options.connect_timeout = 300ms;
    options.retry.max_attempts = 1;
    auto const info = failure(client(options));
    BOOST_TEST(info.kind == error_kind::timeout);
    BOOST_TEST(info.phase == phase::connect);
    BOOST_TEST(connects.made() == 2U);
}

BOOST_AUTO_TEST_CASE(A6_a_black_holed_first_address_gives_way_to_the_second) {
    black_hole const hole(context);
    scripted::name("sts.test", {"127.0.0.1", "127.0.0.1"});
    scripted::calls const connects(call::connect, [&](std::size_t number) {
        fate decided;
        if (number == 0) decided.port = hole.port();
        return decided;
    });
    auto const got = exchange(client(named()));
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(connects.made() == 2U);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(A7_a_reset_right_after_accept_is_tried_again) {
    tcp::acceptor rude(context, {asio::ip::address_v4::loopback(), 0});
    auto const slam = [](tcp::acceptor& at) -> asio::awaitable<void> {
        auto socket = co_await at.async_accept(asio::use_awaitable);
        socket.set_option(asio::socket_base::linger(true, 0));
        socket.close();
    };
    asio::co_spawn(context, slam(rude), asio::detached);
    scripted::calls const connects(call::connect, [&](std::size_t number) {
        fate decided;
        if (number == 0) decided.port = rude.local_endpoint().port();
        return decided;
    });
    auto const sts_client = client(named());
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(sts_client.stats().retries == 1U);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(A8_a_hundred_addresses_that_refuse_are_one_look_up_and_one_error) {
    std::uint16_t closed = 0;
    {
        tcp::acceptor const gone(context, {asio::ip::address_v4::loopback(), 0});
        closed = gone.local_endpoint().port();
    }
    scripted::name("sts.test", std::vector<std::string>(100, "127.0.0.1"));
    auto options = named();
    options.endpoint = sts::endpoint("https://sts.test:" + std::to_string(closed) + "/");
    options.retry.max_attempts = 1;
    scripted::calls const connects(call::connect, [](std::size_t) { return fate(); });
    auto const info = failure(client(options));
    BOOST_TEST(info.kind == error_kind::connect);
    BOOST_TEST((info.code == boost::system::errc::connection_refused));
    BOOST_TEST(connects.made() == 100U);
    BOOST_TEST(scripted::lookups() == 1U);
}

BOOST_AUTO_TEST_CASE(A9_a_system_without_descriptors_is_told_and_recovered_from) {
    asio::steady_timer const timer(context); // has the context open what it works with
    auto const descriptors = open_descriptors();
    for (int const code : {EMFILE, ENFILE, ENOBUFS}) {
        auto options = this->options();
        options.retry.max_attempts = 1;
        auto const sts_client = client(options);
        {
            scripted::calls const sockets(call::socket, [&](std::size_t) {
                fate decided;
                decided.error = code;
                return decided;
            });
            auto const info = failure(sts_client);
            BOOST_TEST(info.kind == error_kind::network);
            BOOST_TEST((info.code == boost::system::error_code(code, boost::system::system_category())));
            BOOST_TEST(sockets.made() == 2U); // two addresses: no spin
        }
        BOOST_TEST(exchange(sts_client).has_value()); // descriptors are back
    }
    context.restart();
    context.run();
    BOOST_TEST(eventually([&] { return open_descriptors() == descriptors; }));
}

BOOST_AUTO_TEST_CASE(A9_A10_an_address_that_cannot_be_reached_gives_way_to_the_next) {
    scripted::name("sts.test", {"127.0.0.1", "127.0.0.1"});
    for (int const code : {ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, ECONNREFUSED}) {
        scripted::calls const connects(call::connect, [&](std::size_t number) {
            fate decided;
            if (number == 0) decided.error = code;
            return decided;
        });
        BOOST_TEST(exchange(client(named())).has_value(), code);
        BOOST_TEST(connects.made() == 2U);
    }
}

BOOST_AUTO_TEST_CASE(a_name_that_leads_elsewhere_is_sent_nothing_without_tls) {
    scripted::name("metadata.test", {"192.0.2.1", "2001:db8::1"});
    auto const supplier = sts::suppliers::insecure_metadata_http("http://metadata.test/");
    scripted::calls const connects(call::connect, [](std::size_t) { return fate(); });
    auto const info = fetching(context, supplier).failure();
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(contains(info.message, "metadata.test"));
    BOOST_TEST(info.attempts == 1U);
    BOOST_TEST(connects.made() == 0U);
}

BOOST_AUTO_TEST_CASE(a_name_is_tried_without_tls_at_its_local_addresses_alone) {
    scripted::name("metadata.test", {"192.0.2.1", "127.0.0.1"});
    sts::suppliers::http_options options;
    options.connection.retry.max_attempts = 1;
    auto const supplier = sts::suppliers::insecure_metadata_http("http://metadata.test:1/", options);
    scripted::calls const connects(call::connect, [](std::size_t) { return fate(); });
    BOOST_TEST(fetching(context, supplier).failure().kind == error_kind::connect);
    BOOST_TEST(connects.made() == 1U);
}

BOOST_AUTO_TEST_CASE(the_winners_address_is_in_the_statistics) {
    auto const sts_client = client(named());
    BOOST_TEST(sts_client.stats().last_address == "");
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(sts_client.stats().last_address == "127.0.0.1:" + std::to_string(mock.port()));
}

BOOST_AUTO_TEST_SUITE_END()
