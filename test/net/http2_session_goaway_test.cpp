// GOAWAY, and connections that end with it or without.
#include "net/http2_session_fixture.hpp"
#include "support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace test;
using equinix::sts::error_kind;
using state = net::http2_exchange::state;
using net::session_step;

BOOST_FIXTURE_TEST_SUITE(http2_session, http2_session_fixture)

BOOST_AUTO_TEST_CASE(M3_what_is_above_the_last_stream_of_goaway_was_not_processed) {
    auto &first = begin(), &second = begin();
    talk();
    peer.go_away(1);
    talk();
    BOOST_TEST(session.is_draining());
    BOOST_TEST((second.is == state::unprocessed));
    BOOST_TEST((first.is == state::open));
    peer.answer(1, "200", "late");
    talk();
    BOOST_TEST((first.is == state::answered));
}

BOOST_AUTO_TEST_CASE(M3_what_begins_after_goaway_is_over_at_once) {
    begin();
    talk();
    peer.go_away(1);
    talk();
    auto& late = begin();
    BOOST_TEST((late.is == state::unprocessed));
    BOOST_TEST((over() == std::vector{&late}));
}

BOOST_AUTO_TEST_CASE(M29_what_a_server_has_begun_to_answer_it_has_processed_whatever_it_says) {
    for (std::string const& answer : {
             std::string("\x88", 1),   // ":status: 200"
             std::string("\x81\0", 2), // ":authority", which no answer has
         }) {
        http2_session_fixture on;
        on.begin();
        auto& second = on.begin();
        on.talk();
        std::string const above_the_first("\0\0\0\1\0\0\0\0", 8);
        on.peer.say(frame(1, 4, 3, answer) + frame(7, 0, 0, above_the_first));
        on.talk();
        BOOST_TEST((second.is == state::failed));
        BOOST_TEST(second.failure.kind == error_kind::protocol);
    }
}

BOOST_AUTO_TEST_CASE(M4_http_1_1_required_in_goaway) {
    auto& one = begin();
    talk();
    peer.go_away(0, NGHTTP2_HTTP_1_1_REQUIRED);
    talk();
    BOOST_TEST((one.is == state::needs_http1));
}

BOOST_AUTO_TEST_CASE(M16_a_connection_that_cannot_be_written_to_takes_no_further_exchange) {
    auto& one = begin();
    talk();
    peer.answer(id_of(0), "200", "yes");
    peer.ping(); // which is to be answered
    peer.run();
    session.receive();
    BOOST_TEST((one.is == state::answered));
    line.broken = true;
    BOOST_TEST((session.send() == session_step::failed));
    BOOST_TEST(session.is_draining());
    BOOST_TEST(session.failure().kind == error_kind::network);
}

BOOST_AUTO_TEST_CASE(M16_a_server_that_ends_the_connection_says_why) {
    auto& one = begin();
    talk();
    peer.go_away(1, NGHTTP2_ENHANCE_YOUR_CALM);
    peer.run();
    line.ended = true;
    session.receive();
    BOOST_TEST((one.is == state::failed));
    BOOST_TEST(one.failure.kind == error_kind::network);
    BOOST_TEST(one.failure.message == "the server has ended the connection: ENHANCE_YOUR_CALM");
}

BOOST_AUTO_TEST_CASE(M16_an_end_without_goaway) {
    auto &begun = begin(), &silent = begin();
    talk();
    peer.begin_answer(1, {{":status", "200"}});
    peer.run();
    line.ended = true;
    session.receive();
    BOOST_TEST(begun.failure.kind == error_kind::truncated);
    BOOST_TEST(silent.failure.kind == error_kind::network);
}

BOOST_AUTO_TEST_CASE(closed_in_order_it_says_so) {
    begin();
    talk();
    session.close();
    BOOST_TEST(line.to_server.find(frame(7, 0, 0, std::string(8, '\0'))) != std::string::npos); // GOAWAY
}

BOOST_AUTO_TEST_SUITE_END()
