// The URL and the options of a store in Redis.
#include "redis/engine.hpp"
#include "support/refused.hpp"

#include <equinix/sts/redis_store.hpp>

#include <boost/asio/io_context.hpp>

using namespace test;
using namespace equinix::sts;

namespace {

redis_options read(std::string_view url) {
    return redis_options::from_url(url);
}

} // namespace

BOOST_AUTO_TEST_SUITE(redis_options_)

BOOST_AUTO_TEST_CASE(one_server) {
    auto made = read("redis://example.test");
    BOOST_TEST((made.topology == redis_topology::standalone));
    BOOST_TEST((made.hosts == std::vector{redis_host("example.test", 6379)}));
    BOOST_TEST(made.database == 0U);
    BOOST_TEST(!made.tls.has_value());
    made = read("rediss://[::1]:6380/3");
    BOOST_TEST((made.hosts == std::vector{redis_host("::1", 6380)}));
    BOOST_TEST(made.database == 3U);
    BOOST_TEST(made.tls.has_value());
    BOOST_TEST(read("redis://h/").database == 0U);
}

BOOST_AUTO_TEST_CASE(a_unix_socket) {
    auto const made = read("redis+unix:/run/redis.sock?db=2");
    BOOST_TEST(made.unix_socket == "/run/redis.sock");
    BOOST_TEST(made.database == 2U);
    BOOST_TEST(made.hosts.empty());
    BOOST_TEST(read("redis+unix:/run/redis.sock").database == 0U);
}

BOOST_AUTO_TEST_CASE(sentinels) {
    auto const made = read("rediss+sentinel://a,b:1,[::1]:2/service/4");
    BOOST_TEST((made.topology == redis_topology::sentinel));
    BOOST_TEST((made.hosts == std::vector{redis_host("a", 26379), redis_host("b", 1), redis_host("::1", 2)}));
    BOOST_TEST(made.service == "service");
    BOOST_TEST(made.database == 4U);
    BOOST_TEST(made.tls.has_value());
    BOOST_TEST(read("redis+sentinel://a/service").database == 0U);
}

BOOST_AUTO_TEST_CASE(a_cluster) {
    auto const made = read("redis+cluster://a,b:7000");
    BOOST_TEST((made.topology == redis_topology::cluster));
    BOOST_TEST((made.hosts == std::vector{redis_host("a", 6379), redis_host("b", 7000)}));
}

BOOST_AUTO_TEST_CASE(a_wrong_url_is_refused_in_words) {
    for (auto const& [url, words] : {std::pair("", "begins with none of"),
                                     std::pair("http://h", "begins with none of"),
                                     std::pair("redis:/h", "begins with none of"),
                                     std::pair("redis://", "has no host"),
                                     std::pair("redis://:6379", "has no host"),
                                     std::pair("redis://h:", "invalid port"),
                                     std::pair("redis://h:65536", "invalid port"),
                                     std::pair("redis://h:0", "port 0"),
                                     std::pair("redis://h:6379x", "invalid port"),
                                     std::pair("redis://[::1", "closing bracket"),
                                     std::pair("redis://[::1]6379", "something other"),
                                     std::pair("redis://h/x", "invalid database"),
                                     std::pair("redis://h/65536", "invalid database"),
                                     std::pair("redis://h/1/2", "invalid database"),
                                     std::pair("redis://u:p@h", "user or a password"),
                                     std::pair("redis://h?x=y", "has parameters"),
                                     std::pair("redis://a,b", "more than one host"),
                                     std::pair("redis+sentinel://a", "name of a master"),
                                     std::pair("redis+cluster://a/1", "must be 0"),
                                     std::pair("redis+unix:relative", "absolute path"),
                                     std::pair("redis+unix:/s?x=1", "a parameter other"),
                                     std::pair("redis://a,,b", "has no host")})
        BOOST_TEST(contains(refusal([url = std::string(url)] { read(url); }), words), url);
    BOOST_TEST(!contains(refusal([] { read("redis://u:hidden@h"); }), "hidden"));
}

BOOST_AUTO_TEST_CASE(options_that_do_not_fit_are_refused_and_named) {
    boost::asio::io_context context;
    auto const refuses = [&](auto change) {
        auto made = read("redis://h");
        change(made);
        return refused_by([&] { redis_store(context.get_executor(), made); }).option;
    };
    BOOST_TEST(refuses([](auto& it) { it.hosts.clear(); }) == "redis_options::hosts");
    BOOST_TEST(refuses([](auto& it) { it.hosts[0].name.clear(); }) == "redis_options::hosts");
    BOOST_TEST(refuses([](auto& it) { it.unix_socket = "/s"; }) == "redis_options::hosts");
    BOOST_TEST(refuses([](auto& it) { it.topology = redis_topology::sentinel; }) == "redis_options::service");
    BOOST_TEST(refuses([](auto& it) { it.user = "u"; }) == "redis_options::password");
    BOOST_TEST(refuses([](auto& it) { it.sentinel_user = "u"; }) == "redis_options::sentinel_password");
    BOOST_TEST(refuses([](auto& it) {
                   it.hosts.clear();
                   it.unix_socket = std::string(200, '/');
               }) == "redis_options::unix_socket");
}

BOOST_AUTO_TEST_CASE(a_key_has_the_slot_that_the_cluster_gives_it) {
    BOOST_TEST(redis_detail::slot_of("123456789") == 12739U); // of the specification
    BOOST_TEST(redis_detail::slot_of("") == 0U);
    BOOST_TEST(redis_detail::slot_of("foo") == 12182U);
}

BOOST_AUTO_TEST_SUITE_END()
