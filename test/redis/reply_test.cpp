// The protocol of Redis: what is sent, and what is made of bytes that a server, or someone else, sends.
#include "redis/reply.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace redis = equinix::sts::redis_detail;
using redis::reply;
using redis::reply_reader;
using type = redis::reply::type;

namespace {

reply only(std::string_view bytes) {
    reply_reader reader;
    BOOST_TEST(reader.feed(bytes));
    auto got = reader.next();
    BOOST_REQUIRE(got.has_value());
    return std::move(*got);
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

BOOST_AUTO_TEST_SUITE_END()
