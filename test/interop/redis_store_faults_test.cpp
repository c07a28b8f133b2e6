// A real server of Redis that restarts, freezes or is full, or whose keys somebody else has changed.
#include "interop/redis_store_fixture.hpp"
#include "support/print.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <string>
#include <thread>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;

BOOST_FIXTURE_TEST_SUITE(redis_store, redis_store_fixture, *needs({"redis-server"}))

BOOST_AUTO_TEST_CASE(P15_scripts_that_the_server_has_lost_are_sent_again) {
    redis_server const server;
    auto const it = store(server.options());
    BOOST_TEST(write(*it, {}, "record").value());
    BOOST_TEST(server.tell("script flush") == "OK");
    BOOST_TEST(read(*it).value() == "record");
}

BOOST_AUTO_TEST_CASE(P15_a_server_that_restarts_is_connected_to_again) {
    redis_server server;
    auto const it = store(server.options());
    BOOST_TEST(write(*it, {}, "record").value());
    server.stop();
    auto const why = failure(*it);
    BOOST_TEST((why.kind == error_kind::connect));
    server.start();
    BOOST_TEST(!read(*it).has_value());
    BOOST_TEST(write(*it, {}, "record").value());
}

BOOST_AUTO_TEST_CASE(P15_connections_that_the_server_closes_cost_nothing) {
    redis_server const server;
    auto const it = store(server.options());
    BOOST_TEST(write(*it, {}, "record").value());
    for (int i = 0; i < 5; ++i) {
        server.tell("client kill type normal");
        BOOST_TEST(read(*it).value() == "record");
    }
}

BOOST_AUTO_TEST_CASE(P15_a_frozen_server_is_late_and_then_works_again) {
    redis_server const server;
    auto const it = store(server.options());
    BOOST_TEST(write(*it, {}, "record").value());
    server.freeze();
    auto const got = performed(it->look("name", sts::store_bounds()));
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().kind == error_kind::timeout);
    server.thaw();
    BOOST_TEST(read(*it).value() == "record");
}

BOOST_AUTO_TEST_CASE(P15_a_full_server_says_so) {
    redis_server const server({"--maxmemory", "1", "--maxmemory-policy", "noeviction"});
    auto const got = write(*store(server.options()), {}, "record");
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().kind == error_kind::unavailable);
    BOOST_TEST(got.error().message.find("OOM") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(P2_what_is_no_string_counts_as_nothing_and_is_replaced) {
    redis_server const server;
    auto const it = store(server.options());
    for (auto const* const make : {"lpush", "sadd"}) {
        BOOST_TEST(server.tell(std::string(make) + " 'equinix-sts:{name}' x") == "1");
        BOOST_TEST(server.tell(std::string(make) + " 'equinix-sts:{name}:lease' x") == "1");
        BOOST_TEST(!read(*it).has_value());
        BOOST_TEST(performed(it->acquire("name", "me", 1s, within)).value().won);
        BOOST_TEST(write(*it, {}, "record").value());
        BOOST_TEST(read(*it).value() == "record");
        BOOST_TEST(server.tell("flushall") == "OK");
    }
}

BOOST_AUTO_TEST_CASE(P11_a_lease_that_was_made_endless_shows_no_life) {
    redis_server const server;
    auto const it = store(server.options());
    BOOST_TEST(performed(it->acquire("name", "holder", 1s, within)).value().won);
    BOOST_TEST(server.tell("persist 'equinix-sts:{name}:lease'") == "1");
    auto const got = performed(it->acquire("name", "other", 1s, within)).value();
    BOOST_TEST(!got.won);
    BOOST_TEST((got.left <= 0ms));
}

BOOST_AUTO_TEST_CASE(P15_a_server_that_is_something_else_is_named) {
    asio::io_context other;
    asio::ip::tcp::acceptor listening(other, {asio::ip::address_v4::loopback(), 0});
    std::thread serving([&] {
        asio::ip::tcp::socket client(other);
        listening.accept(client);
        std::string const answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
        asio::write(client, asio::buffer(answer));
        char byte = 0;
        boost::system::error_code ended;
        while (!ended)
            client.read_some(asio::buffer(&byte, 1), ended);
    });
    sts::redis_options how;
    how.hosts = {sts::redis_host("127.0.0.1", listening.local_endpoint().port())};
    auto const why = failure(*store(how));
    BOOST_TEST(why.kind == error_kind::protocol);
    serving.join();
}

BOOST_AUTO_TEST_SUITE_END()
