// The token store in real servers of Redis: its rules, how to reach it, and its faults (section P of
// doc/faults.md).
#include "interop/redis_servers.hpp"
#include "support/checked_store.hpp"
#include "support/refused.hpp"
#include "support/token_source.hpp"
#include "testing/certificates.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/write.hpp>

#include <thread>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using text = std::optional<std::string>;

namespace {

/// Runs a context in a thread of its own, for stores whose commands are performed from elsewhere.
class running {
public:
    running() : thread_([this] { context_.run(); }) {}
    running(running const&) = delete;
    running& operator=(running const&) = delete;
    ~running() {
        work_.reset();
        context_.stop();
        thread_.join();
    }
    asio::any_io_executor executor() { return context_.get_executor(); }

private:
    asio::io_context context_;
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{context_.get_executor()};
    std::thread thread_;
};

struct fixture {
    running context;
    sts::store_bounds within = generous();

    static sts::store_bounds generous() {
        sts::store_bounds made;
        made.command = made.connect = 5s; // what is tested is not the bound
        return made;
    }
    std::shared_ptr<sts::token_store> store(sts::redis_options const& how) {
        return sts::redis_store(context.executor(), how);
    }
    sts::result<bool> write(sts::token_store& to, text expected, text desired, std::string name = "name") {
        return performed(to.swap(std::move(name), std::move(expected), std::move(desired), 1h, within));
    }
    text read(sts::token_store& from, std::string name = "name") {
        auto const got = performed(from.look(std::move(name), within));
        BOOST_REQUIRE_MESSAGE(got.has_value(), (got.has_error() ? got.error().to_string() : ""));
        return got->bytes;
    }
    void keeps_the_rules(sts::redis_options const& how) {
        BOOST_TEST(broken_rules(store(how), store(how)) == std::vector<std::string>(),
                   boost::test_tools::per_element());
    }
    sts::error_info failure(sts::token_store& from) {
        auto const got = performed(from.look("name", within));
        BOOST_REQUIRE(got.has_error());
        BOOST_TEST((got.error().phase == sts::phase::store));
        return got.error();
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(redis_store, fixture, *needs({"redis-server"}))

// ---- how to reach it --------------------------------------------------------------------------------

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
    BOOST_TEST(failure(*store(how)).message.find("wants a password") != std::string::npos);
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

// ---- faults -----------------------------------------------------------------------------------------

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

// ---- a fleet ----------------------------------------------------------------------------------------

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
