// Requests that wait for the window of the server (RFC 9113 section 5.2).
#include "net/http2_session_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>

using namespace test;
using state = net::http2_exchange::state;

namespace {

struct narrow : http2_session_fixture {
    narrow() : http2_session_fixture({{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1000}}) {}
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(http2_session, http2_session_fixture)

BOOST_FIXTURE_TEST_CASE(M27_an_incomplete_request_is_reset_nevertheless, narrow) {
    talk();
    auto& one = begin(std::string(5000, 'b'));
    session.send();
    session.cancel(one, false);
    talk();
    BOOST_TEST(peer.resets.at(1) == std::uint32_t(NGHTTP2_CANCEL));
    BOOST_TEST(session.left() == 0U);
}

BOOST_FIXTURE_TEST_CASE(M8_a_body_waits_for_the_window, narrow) {
    talk();
    auto& one = begin(std::string(5000, 'b'));
    session.send();
    BOOST_TEST(!one.request_complete);
    talk();
    BOOST_TEST(one.request_complete);
    BOOST_TEST(peer.requests.at(1).body == std::string(5000, 'b'));
}

BOOST_FIXTURE_TEST_CASE(M8_an_answer_may_end_before_the_request_was_sent, narrow) {
    talk();
    auto& one = begin(std::string(5000, 'b'));
    session.send();
    peer.run();
    line.to_client.clear(); // the window stays shut
    peer.answer(1, "413", "");
    talk();
    BOOST_TEST((one.is == state::answered));
    BOOST_TEST(one.answer.view().status == 413U);
    BOOST_TEST(peer.resets.at(1) == std::uint32_t(NGHTTP2_NO_ERROR));
}

BOOST_AUTO_TEST_SUITE_END()
