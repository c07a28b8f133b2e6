// The token store in a real server of Redis: its rules, how to reach it, and its context (section P of
// doc/faults.md).
#include "interop/redis_store_fixture.hpp"
#include "support/print.hpp"
#include "support/process.hpp"
#include "support/refused.hpp"
#include "testing/certificates.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;

BOOST_FIXTURE_TEST_SUITE(redis_store, redis_store_fixture, *needs({"redis-server"}))

BOOST_AUTO_TEST_CASE(it_keeps_the_rules_of_a_store) {
    redis_server const server;
    keeps_the_rules(server.options());
    BOOST_TEST(server.tell("dbsize") == "0");
}

BOOST_AUTO_TEST_CASE(P1_each_key_has_an_end) {
    redis_server const server;
    auto const it = store(server.options());
    BOOST_TEST(write(*it, {}, "record").value());
    BOOST_TEST(performed(it->acquire("name", "me", 1s, within)).value().won);
    BOOST_TEST(server.tell("--raw keys '*' | sort") == "equinix-sts:{name}\nequinix-sts:{name}:lease");
    BOOST_TEST(std::stol(server.tell("pttl 'equinix-sts:{name}'")) > 3500000);
    BOOST_TEST(std::stol(server.tell("pttl 'equinix-sts:{name}:lease'")) > 0);
}

BOOST_AUTO_TEST_CASE(a_unix_socket_and_a_database) {
    redis_server const server({"--unixsocket", "socket"});
    sts::redis_options how;
    how.unix_socket = server.path("socket");
    how.database = 3;
    keeps_the_rules(how);
    BOOST_TEST(write(*store(how), {}, "record").value());
    BOOST_TEST(server.tell("-n 3 dbsize") == "1");
    BOOST_TEST(server.tell("dbsize") == "0");
}

BOOST_AUTO_TEST_CASE(a_password_and_a_user_with_the_rights_that_suffice) {
    redis_server server({"--requirepass", "everything"});
    server.cli_options = "--no-auth-warning -a everything";
    BOOST_TEST(
        server.tell("acl setuser tokens on '>secret' '~equinix-sts:*' +@connection +evalsha +eval +get +set "
                    "+del +pttl +pexpire +time") == "OK");
    auto how = server.options();
    BOOST_TEST(failure(*store(how)).message.find("requires a password") != std::string::npos);
    how.password = sts::secret("wrong");
    BOOST_TEST(failure(*store(how)).message.find("WRONGPASS") != std::string::npos);
    how.password = sts::secret("everything");
    keeps_the_rules(how);
    how.user = "tokens";
    how.password = sts::secret("secret");
    keeps_the_rules(how);
    BOOST_TEST(server.tell("acl setuser tokens -set") == "OK");
    auto const refused = write(*store(how), {}, "record");
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST(refused.error().kind == error_kind::config);
    BOOST_TEST(refused.error().message.find("does not permit") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(TLS_with_a_verified_certificate) {
    auto const identity = sts::testing::make_server_identity({"127.0.0.1"});
    folder const files;
    redis_server const server({"--tls-cert-file", files.file("cert.pem", identity.certificate_pem),
                               "--tls-key-file", files.file("key.pem", identity.key_pem),
                               "--tls-ca-cert-file", files.file("ca.pem", identity.ca_pem)});
    auto how = server.options();
    how.tls.emplace().ca_pem = identity.ca_pem;
    keeps_the_rules(how);
    how.tls->ca_pem = sts::testing::make_server_identity({"127.0.0.1"}).ca_pem;
    BOOST_TEST(failure(*store(how)).kind == error_kind::tls);
    how.tls.reset();
    auto const got = performed(store(how)->look("name", sts::store_bounds()));
    BOOST_TEST(got.has_error());
}

BOOST_AUTO_TEST_CASE(commands_of_many_at_once_share_one_connection) {
    redis_server const server;
    auto const it = store(server.options());
    asio::io_context mine;
    std::size_t right = 0;
    constexpr std::size_t many = 200;
    for (std::size_t i = 0; i < many; ++i)
        asio::co_spawn(
            mine, it->swap("name-" + std::to_string(i), {}, std::to_string(i), 1h, within),
            [&](std::exception_ptr, sts::result<bool> got) { right += got.has_value() && *got ? 1 : 0; });
    mine.run();
    BOOST_TEST(right == many);
    BOOST_TEST(server.tell("dbsize") == std::to_string(many));
    BOOST_TEST(contains(server.tell("info clients"), "connected_clients:2")); // with redis-cli
}

BOOST_AUTO_TEST_CASE(F12_the_context_may_end_before_the_store) {
    redis_server const server;
    std::shared_ptr<sts::token_store> left;
    {
        asio::io_context gone;
        left = sts::redis_store(gone.get_executor(), server.options());
        bool done = false;
        asio::co_spawn(gone, left->look("name", within), [&](auto, auto) { done = true; });
        while (!done)
            gone.run_one();
        asio::co_spawn(gone, left->look("name", within), [](auto, auto) {});
        gone.run_one();
    }
    auto const got = performed(left->look("name", within));
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().kind == error_kind::canceled);
}

BOOST_AUTO_TEST_CASE(an_idle_store_keeps_no_context_running) {
    redis_server const server;
    asio::io_context mine;
    auto const it = sts::redis_store(mine.get_executor(), server.options());
    for (int i = 0; i < 3; ++i) {
        asio::co_spawn(mine, it->look("name", within), [](auto, auto) {});
        mine.restart();
        mine.run(); // returns
    }
}

BOOST_AUTO_TEST_SUITE_END()
