// The protocol of Redis: what is sent, and what is made of bytes that a server, or someone else, sends.
#include "redis/reply.hpp"
#include "redis/words.hpp"
#include "support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace redis = equinix::sts::redis_detail;
using redis::reply;
using redis::reply_reader;
using type = redis::reply::type;
using equinix::sts::error_kind;

namespace {

reply only(std::string_view bytes) {
    reply_reader reader;
    BOOST_TEST(reader.feed(bytes));
    auto got = reader.next();
    BOOST_REQUIRE(got.has_value());
    return std::move(*got);
}

reply error_of(std::string text) {
    reply made;
    made.is = type::error;
    made.text = std::move(text);
    return made;
}

} // namespace

BOOST_AUTO_TEST_SUITE(redis_reply)

BOOST_AUTO_TEST_CASE(a_command_is_sent_with_the_lengths_of_its_parts) {
    std::string const binary("\0\r\n", 3);
    equinix::sts::base::wiped_buffer sent;
    redis::append_command(sent, {"SET", "key", binary});
    BOOST_TEST(equinix::sts::base::view(sent) ==
               std::string("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$3\r\n\0\r\n\r\n", 31));
}

BOOST_AUTO_TEST_CASE(each_type_of_reply_is_read) {
    BOOST_TEST((only("+OK\r\n").is == type::status));
    BOOST_TEST(only(":-42\r\n").integer == -42);
    BOOST_TEST((only("$-1\r\n").is == type::nil));
    BOOST_TEST((only("*-1\r\n").is == type::nil));
    BOOST_TEST(only("-ERR wrong\r\n").error_code() == "ERR");
    auto const array = only("*4\r\n:1\r\n$1\r\nx\r\n$-1\r\n*1\r\n+y\r\n");
    BOOST_REQUIRE(array.elements.size() == 4U);
    BOOST_TEST(array.elements[0].integer == 1);
    BOOST_TEST(array.elements[1].text == "x");
    BOOST_TEST((array.elements[2].is == type::nil));
    BOOST_TEST(array.elements[3].elements.at(0).text == "y");
}

BOOST_AUTO_TEST_CASE(a_reply_may_come_in_any_pieces) {
    std::string const bytes = "*3\r\n:12\r\n$4\r\nabcd\r\n-ERR x\r\n+OK\r\n";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        reply_reader reader;
        std::vector<reply> all;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            BOOST_TEST(reader.feed(std::string_view(bytes).substr(at, piece)));
            while (auto got = reader.next())
                all.push_back(std::move(*got));
        }
        BOOST_REQUIRE(all.size() == 2U);
        BOOST_TEST(all[0].elements.size() == 3U);
        BOOST_TEST(all[1].text == "OK");
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_the_protocol_is_refused) {
    for (auto const* const bytes : {"HTTP/1.1 400 Bad Request\r\n", "\r\n", "*x\r\n", "$-2\r\n", "?\r\n",
                                    "$99999999999999999999\r\n", "*65\r\n", "*2147483647\r\n"}) {
        reply_reader reader;
        if (reader.feed(bytes)) BOOST_TEST(!reader.next().has_value());
        BOOST_TEST(reader.is_broken(), bytes);
        BOOST_TEST(!reader.next().has_value());
    }
}

BOOST_AUTO_TEST_CASE(a_reply_without_end_is_refused_after_1_MiB) {
    reply_reader reader;
    BOOST_TEST(reader.feed("$1073741824\r\n"));
    std::string const block(65536, 'x');
    std::size_t fed = 0;
    while (reader.feed(block)) {
        BOOST_REQUIRE(!reader.next().has_value());
        fed += block.size();
        BOOST_REQUIRE(fed <= reply_reader::largest_reply);
    }
    BOOST_TEST(reader.is_broken());
}

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
