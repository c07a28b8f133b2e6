// An answer that ends at any byte, in any way (D18 to D21 of doc/faults.md), and one that comes too early.
#include "support/connection.hpp"
#include "support/print.hpp"

#include <equinix/sts/error.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace net = equinix::sts::net;
namespace sts = equinix::sts;
using net::session_step;
using sts::error_kind;
using test::connection;
using test::ending;

namespace {

std::string const plain = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
std::string const chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";

/// What has come of an exchange whose answer's bytes on the wire end after `at`. True when all went out.
bool cut(test::session_fixture const& with, std::string const& answer, std::size_t at, ending how,
         bool in_pieces) {
    connection one(with);
    BOOST_REQUIRE((one.handshake() == session_step::done));
    BOOST_REQUIRE(one.still_idle());
    one.ask();
    auto const before = one.client.traffic().received;
    one.peer.cut_after(one.peer.forwarded() + at, how);
    if (in_pieces) one.peer.forward_in_pieces_of(1);
    one.peer.send(answer);
    auto const step = one.advance();
    auto const received = one.client.traffic().received - before;
    BOOST_TEST(received <= at);
    if (step == session_step::done) {
        BOOST_TEST(one.client.answer().body == "{}");
        return true;
    }
    if (how == ending::silence) {
        BOOST_TEST((step == session_step::want_read), at);
    } else {
        BOOST_REQUIRE((step == session_step::failed));
        auto const expected = one.client.answer_begun() ? error_kind::truncated : error_kind::network;
        BOOST_TEST(one.client.failure().kind == expected, at);
        BOOST_TEST(one.client.failure().phase == sts::phase::read, at);
        BOOST_TEST(!one.client.finish());
    }
    return false;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(answer_cut, test::session_fixture)

BOOST_AUTO_TEST_CASE(D18_D19_D20_at_each_byte_in_each_way_is_a_whole_answer_or_an_orderly_error) {
    for (auto const& answer : {plain, chunked}) {
        for (auto const how : {ending::silence, ending::half_close, ending::fin, ending::reset}) {
            std::size_t at = 0;
            while (!cut(*this, answer, at, how, at % 7 == 3)) {
                ++at;
                BOOST_REQUIRE(at < 1000);
            }
            BOOST_TEST(at >= answer.size());
        }
    }
}

BOOST_AUTO_TEST_CASE(D20_a_half_close_in_the_handshake_is_an_orderly_error) {
    connection one(*this);
    one.peer.cut_after(100, ending::half_close);
    BOOST_TEST((one.handshake() == session_step::failed));
    BOOST_TEST(one.client.failure().phase == sts::phase::tls);
}

BOOST_AUTO_TEST_CASE(D21_an_answer_that_comes_before_the_request_is_taken_stands) {
    connection one(*this);
    BOOST_REQUIRE((one.handshake() == session_step::done));
    BOOST_REQUIRE(one.still_idle());
    std::string const endless(std::size_t(64) * 1024 * 1024, 'x');
    one.client.start(endless);
    BOOST_REQUIRE((one.client.advance() == session_step::want_write));
    one.peer.send(plain);
    one.peer.end(ending::reset);
    one.peer.deliver();
    auto step = session_step::want_write;
    for (int i = 0; i < 100 && step == session_step::want_write; ++i)
        step = one.client.advance();
    BOOST_TEST((step == session_step::done), one.client.failure().message);
    BOOST_TEST(!one.client.request_complete());
    BOOST_TEST(!one.client.finish());
}

BOOST_AUTO_TEST_SUITE_END()
