// What the errors of Redis mean, in words.
#include "redis/words.hpp"
#include "support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace redis = equinix::sts::redis_detail;
using redis::reply;
using type = redis::reply::type;
using equinix::sts::error_kind;

namespace {

reply error_of(std::string text) {
    reply made;
    made.is = type::error;
    made.text = std::move(text);
    return made;
}

} // namespace

BOOST_AUTO_TEST_SUITE(redis_reply)

BOOST_AUTO_TEST_CASE(P15_errors_of_the_server_are_named_in_words) {
    using redis::described;
    for (auto const& [text, kind] :
         {std::pair("OOM command not allowed when used memory > 'maxmemory'.", error_kind::unavailable),
          std::pair("READONLY You can't write against a read only replica.", error_kind::unavailable),
          std::pair("LOADING Redis is loading the dataset in memory", error_kind::unavailable),
          std::pair("MASTERDOWN Link with MASTER is down", error_kind::unavailable),
          std::pair("MISCONF Redis is configured to save RDB snapshots", error_kind::unavailable),
          std::pair("BUSY Redis is busy running a script.", error_kind::unavailable),
          std::pair("CLUSTERDOWN The cluster is down", error_kind::unavailable),
          std::pair("WRONGTYPE Operation against a key", error_kind::protocol),
          std::pair("NOSCRIPT No matching script.", error_kind::protocol),
          std::pair("NOAUTH Authentication required.", error_kind::config),
          std::pair("WRONGPASS invalid username-password pair", error_kind::config),
          std::pair("ERR The user executing the script can't run this command", error_kind::config),
          std::pair("ERR ACL failure in script: User tokens has no permissions", error_kind::config),
          std::pair("NOPERM this user has no permissions", error_kind::config)}) {
        auto const why = described(error_of(text));
        BOOST_TEST(why.kind == kind, text);
        BOOST_TEST(why.message.starts_with("the token store "));
        BOOST_TEST(why.message.find(std::string(text).substr(0, std::string_view(text).find(' '))) !=
                   std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(P15_a_server_of_another_kind_is_named) {
    auto const words_of = [](std::string const& text) { return redis::described(error_of(text)).message; };
    BOOST_TEST(
        words_of("ERR unknown command 'SENTINEL', with args beginning with: 'get-master-addr-by-name' ")
            .find("is not a sentinel") != std::string::npos);
    BOOST_TEST(words_of("ERR unknown command 'EVALSHA', with args beginning with: 'f31a' ")
                   .find("redis+sentinel://") != std::string::npos);
    BOOST_TEST(words_of("ERR AUTH <password> called without any password configured for the default user.")
                   .find("omit it") != std::string::npos);
    BOOST_TEST(words_of("ERR DB index is out of range").find("no database") != std::string::npos);
    BOOST_TEST(words_of("ERR SELECT is not allowed in cluster mode").find("redis+cluster://") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_text_of_an_error_is_not_repeated) {
    for (auto const* const text : {"ERR unknown command, with args beginning with: 'private'",
                                   "private lower", "WITH-\x1b[31m private", ""})
        BOOST_TEST(redis::described(error_of(text)).message.find("private") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
