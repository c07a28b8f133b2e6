// The token store in several servers of Redis: masters with replicas and sentinels, and clusters.
#include "interop/redis_store_fixture.hpp"
#include "support/print.hpp"
#include "support/process.hpp"
#include "support/refused.hpp"
#include "support/reserved_port.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;

BOOST_FIXTURE_TEST_SUITE(redis_store, redis_store_fixture, *needs({"redis-server"}))

BOOST_AUTO_TEST_CASE(sentinels_that_fail_over) {
    redis_server master, replica({"--replicaof", "127.0.0.1 " + std::to_string(master.port())});
    until([&] {
        return replica.tell("role").starts_with("slave") &&
               contains(replica.tell("info replication"), "master_link_status:up");
    });
    sentinel const first(master.port());
    reserved_port const none;
    sts::redis_options how;
    how.topology = sts::redis_topology::sentinel;
    how.hosts = {sts::redis_host("127.0.0.1", none.number()), sts::redis_host("127.0.0.1", first.port())};
    how.service = "fleet";
    keeps_the_rules(how);
    auto const it = store(how);
    BOOST_TEST(write(*it, {}, "before").value());
    until([&] { return replica.tell("dbsize") == "1"; });
    auto const ask = [&](std::string const& words) {
        return shell("redis-cli -p " + std::to_string(first.port()) + " " + words + " 2>&1").output;
    };
    until([&] { return contains(ask("sentinel replicas fleet"), std::to_string(replica.port())); });
    master.stop();
    until([&] { return contains(ask("sentinel failover fleet"), "OK"); });
    until([&] {
        return contains(ask("sentinel get-master-addr-by-name fleet"), std::to_string(replica.port()));
    });
    until([&] { return replica.tell("role").starts_with("master"); });
    until([&] { return write(*it, "before", "after").has_value(); });
    BOOST_TEST(read(*it).value() == "after");
    BOOST_TEST(replica.tell("dbsize") == "1");
    master.start(); // the sentinel makes it a replica
    until([&] { return master.tell("role").starts_with("slave"); });
    BOOST_TEST(read(*it).value() == "after");
    how.service = "unknown";
    BOOST_TEST(failure(*store(how)).kind == error_kind::config);
}

BOOST_AUTO_TEST_CASE(sentinels_with_a_password_of_their_own) {
    redis_server const master({"--requirepass", "of-the-master"});
    sentinel const only(master.port(),
                        {"requirepass of-the-sentinel", "sentinel auth-pass fleet of-the-master"});
    sts::redis_options how;
    how.topology = sts::redis_topology::sentinel;
    how.hosts = {sts::redis_host("127.0.0.1", only.port())};
    how.service = "fleet";
    how.password = sts::secret("of-the-master");
    BOOST_TEST(failure(*store(how)).kind == error_kind::config);
    how.sentinel_password = sts::secret("of-the-sentinel");
    keeps_the_rules(how);
}

BOOST_AUTO_TEST_CASE(a_replica_cannot_be_written_to) {
    redis_server const master, replica({"--replicaof", "127.0.0.1 " + std::to_string(master.port())});
    until([&] { return contains(replica.tell("info replication"), "master_link_status:up"); });
    auto const got = write(*store(replica.options()), {}, "record");
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().message.find("READONLY") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_cluster_of_three_with_a_slot_that_moves) {
    std::vector<std::string> const settings = {"--cluster-enabled", "yes", "--cluster-node-timeout", "60000"};
    redis_server const a(settings), b(settings), c(settings);
    auto const address = [](redis_server const& of) { return "127.0.0.1:" + std::to_string(of.port()); };
    BOOST_TEST(contains(
        a.tell("--cluster create " + address(a) + " " + address(b) + " " + address(c) + " --cluster-yes"),
        "All 16384 slots covered"));
    for (auto const* const each : {&a, &b, &c})
        until([&] { return contains(each->tell("cluster info"), "cluster_state:ok"); });
    sts::redis_options how;
    how.topology = sts::redis_topology::cluster;
    reserved_port const none;
    how.hosts = {sts::redis_host("127.0.0.1", a.port()), sts::redis_host("127.0.0.1", none.number())};
    keeps_the_rules(how);
    auto const it = store(how);
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(write(*it, {}, "record", "name-" + std::to_string(i)).value());
    for (auto const* const each : {&a, &b, &c})
        BOOST_TEST(each->tell("dbsize") != "0");
    // One slot, with its keys, from where it is to another node.
    auto const slot = a.tell("cluster keyslot name-1");
    redis_server const* from = nullptr;
    for (auto const* const each : {&a, &b, &c})
        if (each->tell("cluster countkeysinslot " + slot) != "0") from = each;
    BOOST_REQUIRE(from != nullptr);
    auto const& to = from == &a ? b : a;
    auto const id = [](redis_server const& of) { return of.tell("cluster myid"); };
    BOOST_TEST(to.tell("cluster setslot " + slot + " importing " + id(*from)) == "OK");
    BOOST_TEST(from->tell("cluster setslot " + slot + " migrating " + id(to)) == "OK");
    BOOST_TEST(!write(*it, {}, "new", "name-1").value()); // while it moves: it is still there
    BOOST_TEST(from->tell("migrate 127.0.0.1 " + std::to_string(to.port()) +
                          " 'equinix-sts:{name-1}' 0 5000") == "OK");
    BOOST_TEST(read(*it, "name-1").value() == "record"); // ASK
    BOOST_TEST(write(*it, "record", "moving", "name-1").value());
    for (auto const* const each : {&to, from})
        BOOST_TEST(each->tell("cluster setslot " + slot + " node " + id(to)) == "OK");
    BOOST_TEST(read(*it, "name-1").value() == "moving"); // MOVED
    BOOST_TEST(performed(it->acquire("name-1", "me", 1s, within)).value().won);
    BOOST_TEST(write(*it, "moving", "after", "name-1").value());
    BOOST_TEST(to.tell("get 'equinix-sts:{name-1}'") == "after");
    std::size_t told = 0; // a node that is taken for a server of its own
    for (auto const* const each : {&a, &b, &c}) {
        auto const got = performed(store(each->options())->look("name", within));
        if (got.has_error() && contains(got.error().message, "redis+cluster")) ++told;
    }
    BOOST_TEST(told == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
