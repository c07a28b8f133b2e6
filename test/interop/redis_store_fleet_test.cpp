// Token sources that share their tokens by a real server of Redis.
#include "interop/redis_servers.hpp"
#include "support/process.hpp"
#include "support/refused.hpp"
#include "support/token_source.hpp"

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

using namespace test;
using namespace std::chrono_literals;

namespace {

struct fleet : sourced {
    sts::token_source member(redis_server const& on) {
        sts::refresh_options how;
        how.sharing.store = on.store(context.get_executor());
        how.sharing.keys = {sts::secret(key)};
        how.sharing.identity = identity;
        return source(client(), asked, how);
    }
    void settle(sts::token_source const& one) {
        bool done = false;
        asio::co_spawn(context, one.shutdown(), [&](std::exception_ptr) { done = true; });
        run_until(context, [&] { return done; });
    }

    std::string const key = "canary-of-the-key-0123456789abcdef";
    std::string const identity = "canary-of-the-identity";
    sts::exchange_request const asked = request();
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(redis_fleet, fleet, *needs({"redis-server"}))

BOOST_AUTO_TEST_CASE(P10_processes_share_one_exchange) {
    redis_server const server;
    auto const first = member(server), second = member(server);
    auto const got = token_of(first);
    run_until(context, [&] { return first.stats().store.written == 1; });
    BOOST_TEST(token_of(second)->access_token.reveal() == got->access_token.reveal());
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(P1_nothing_is_in_clear_in_files_logs_or_traffic) {
    redis_server const server({"--appendonly", "yes", "--slowlog-log-slower-than", "0", "--loglevel", "debug",
                               "--dbfilename", "dump.rdb"});
    auto const monitor = server.path("monitor");
    auto const watching =
        "timeout 3 redis-cli -p " + std::to_string(server.port()) + " monitor > " + monitor + " &";
    BOOST_REQUIRE(std::system(watching.c_str()) == 0); // NOLINT(cert-env33-c)
    until([&] { return read_file(monitor).starts_with("OK"); });
    auto const one = member(server), other = member(server);
    auto const got = token_of(one);
    run_until(context, [&] { return one.stats().store.written == 1; });
    token_of(other);
    settle(one);
    settle(other);
    BOOST_TEST(server.tell("save") == "OK");
    auto const slow = server.tell("--raw slowlog get 1000");
    until([&] { return contains(read_file(monitor), "\"DEL\""); });
    std::vector<std::string> const places = {slow, read_file(monitor), server.log(),
                                             read_file(server.path("dump.rdb")),
                                             shell("cat " + server.path("appendonlydir") + "/*").output};
    std::string const access(got->access_token.reveal()), subject(asked.subject()->token().reveal());
    for (auto const& place : places) {
        BOOST_TEST(!place.empty());
        for (auto const& canary :
             {access, subject, key, identity, std::string("localhost"), std::string("Bearer")})
            BOOST_TEST(!contains(place, canary));
    }
}

BOOST_AUTO_TEST_CASE(P9_who_may_write_to_the_store_makes_no_token_older_or_anothers) {
    redis_server const server;
    auto const one = member(server);
    auto const got = token_of(one);
    settle(one);
    auto const name = server.tell("--raw keys '*'");
    auto const life = got->expires->steady;
    for (auto const* const how : {"persist", "pexpire"}) {
        server.tell(std::string(how) + " '" + name + "' " +
                    (std::string(how) == "pexpire" ? "999999999" : ""));
        auto const other = member(server);
        auto const shared = token_of(other);
        BOOST_TEST(shared->access_token.reveal() == got->access_token.reveal());
        BOOST_TEST((shared->expires->steady <= life + 1s));
        settle(other);
    }
    BOOST_TEST(server.tell("copy '" + name + "' 'equinix-sts:{0123456789abcdef0123456789abcdef}'") ==
               "1"); // moved
    BOOST_TEST(server.tell("set '" + name + "' garbage") == "OK");
    auto const third = member(server);
    BOOST_TEST(token_of(third)->access_token.reveal() != got->access_token.reveal());
    BOOST_TEST(third.stats().store.unopened >= 1U);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(P15_a_store_that_is_killed_frozen_full_or_read_only_costs_no_caller_its_token) {
    for (int fault = 0; fault < 4; ++fault) {
        redis_server server;
        auto const one = member(server);
        token_of(one);
        settle(one);
        server.tell("flushall");
        if (fault == 0) server.stop();
        if (fault == 1) server.freeze();
        if (fault == 2) server.tell("config set maxmemory 1");
        if (fault == 3) server.tell("replicaof 127.0.0.1 1");
        auto const other = member(server);
        BOOST_TEST(get(other).has_value());
        if (fault == 1) server.thaw();
    }
}

BOOST_AUTO_TEST_SUITE_END()
