// Frames that no server may send, or not so many of, end the connection.
#include "net/http2_session_fixture.hpp"
#include "support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace test;
using equinix::sts::error_kind;
using state = net::http2_exchange::state;
using net::session_step;

BOOST_FIXTURE_TEST_SUITE(http2_session, http2_session_fixture)

BOOST_AUTO_TEST_CASE(M14_a_frame_of_no_meaning_ends_the_connection) {
    auto& one = begin();
    talk();
    peer.say(frame(0, 0, 0, "data on stream 0"));
    talk();
    BOOST_TEST((last == session_step::failed));
    BOOST_TEST(session.failure().kind == error_kind::protocol);
    BOOST_TEST((one.is == state::failed));
    BOOST_TEST(one.failure.kind == error_kind::protocol);
}

BOOST_AUTO_TEST_CASE(M14_a_server_of_another_protocol) {
    auto& one = begin();
    session.send();
    line.to_client = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    session.receive();
    BOOST_TEST((session.send() == session_step::failed));
    BOOST_TEST(one.failure.kind == error_kind::protocol);
}

BOOST_AUTO_TEST_CASE(M15_frames_that_bring_nothing_are_bounded) {
    std::string const floods[] = {
        frame(6, 0, 0, "pingping"),                   // PING
        frame(4, 0, 0, ""),                           // SETTINGS
        frame(0, 0, 1, ""),                           // DATA, empty
        frame(8, 0, 0, std::string("\0\0\0\1", 4)),   // WINDOW_UPDATE
        frame(2, 0, 3, std::string("\0\0\0\0\1", 5)), // PRIORITY
    };
    for (auto const& one : floods) {
        http2_session_fixture victim;
        auto& open = victim.begin();
        victim.talk();
        victim.peer.begin_answer(1, {{":status", "200"}});
        victim.talk();
        for (int i = 0; i < 1100; ++i)
            victim.peer.say(one);
        victim.session.receive();
        BOOST_TEST((victim.session.send() == session_step::failed));
        BOOST_TEST((open.is == state::failed));
    }
}

BOOST_AUTO_TEST_CASE(M19_a_push_ends_the_connection) {
    auto& one = begin();
    talk();
    // PUSH_PROMISE of stream 2, with END_HEADERS and ":method: GET"
    peer.say(frame(5, 4, 1, std::string("\0\0\0\x02\x82", 5)));
    talk();
    BOOST_TEST((last == session_step::failed));
    BOOST_TEST((one.is == state::failed));
}

BOOST_AUTO_TEST_SUITE_END()
