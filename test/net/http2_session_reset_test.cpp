// Streams that the server resets, and exchanges that the client cancels.
#include "net/http2_session_fixture.hpp"
#include "support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <vector>

using namespace test;
using equinix::sts::error_kind;
using state = net::http2_exchange::state;

BOOST_FIXTURE_TEST_SUITE(http2_session, http2_session_fixture)

BOOST_AUTO_TEST_CASE(M4_http_1_1_required_on_a_stream) {
    auto& one = begin();
    talk();
    peer.reset(1, NGHTTP2_HTTP_1_1_REQUIRED);
    talk();
    BOOST_TEST((one.is == state::needs_http1));
}

BOOST_AUTO_TEST_CASE(M5_an_answer_that_has_ended_stands_whatever_reset_follows) {
    for (auto const why : {NGHTTP2_NO_ERROR, NGHTTP2_CANCEL, NGHTTP2_STREAM_CLOSED}) {
        auto& one = begin();
        talk();
        auto const id = peer.requests.rbegin()->first;
        peer.answer(id, "200", "done");
        peer.run();
        peer.reset(id, why);
        talk();
        BOOST_TEST((one.is == state::answered));
        BOOST_TEST(one.answer.view().body == "done");
    }
}

BOOST_AUTO_TEST_CASE(M6_an_answer_that_is_reset_on_its_way_is_truncated) {
    auto& one = begin();
    talk();
    peer.begin_answer(1, {{":status", "200"}});
    peer.run();
    peer.reset(1, NGHTTP2_CANCEL);
    talk();
    BOOST_TEST((one.is == state::failed));
    BOOST_TEST(one.failure.kind == error_kind::truncated);
}

BOOST_AUTO_TEST_CASE(M6_what_has_begun_to_be_answered_was_not_refused) {
    auto& one = begin();
    talk();
    peer.begin_answer(1, {{":status", "200"}});
    peer.run();
    peer.reset(1, NGHTTP2_REFUSED_STREAM);
    talk();
    BOOST_TEST((one.is == state::failed));
    BOOST_TEST(one.failure.kind == error_kind::truncated);
}

BOOST_AUTO_TEST_CASE(M7_a_cancelled_exchange_harms_no_other) {
    auto &given_up = begin(), &other = begin();
    talk();
    session.cancel(given_up);
    BOOST_TEST((given_up.is == state::idle));
    talk();
    BOOST_TEST(peer.resets.at(1) == std::uint32_t(NGHTTP2_CANCEL));
    peer.answer(id_of(1), "200", "yes");
    talk();
    BOOST_TEST((other.is == state::answered));
    BOOST_TEST((over() == std::vector{&other}));
}

BOOST_AUTO_TEST_CASE(M27_an_exchange_may_be_given_up_without_a_reset) {
    auto &given_up = begin(), &other = begin();
    talk();
    session.cancel(given_up, false);
    exchanges.front().answer.body.assign(3, 'x'); // its memory is the caller's again
    talk();
    BOOST_TEST(peer.resets.empty());
    BOOST_TEST(session.left() == 1U);
    peer.answer(id_of(0), "200", "dropped");
    peer.answer(id_of(1), "200", "yes");
    talk();
    BOOST_TEST((over() == std::vector{&other}));
    BOOST_TEST((given_up.is == state::idle));
    BOOST_TEST(given_up.answer.body.size() == 3U);
    BOOST_TEST(session.left() == 0U);
}

BOOST_AUTO_TEST_CASE(M7_an_exchange_that_is_cancelled_before_it_was_sent_sends_nothing) {
    auto& one = begin();
    session.cancel(one);
    requests.clear(); // its memory is the caller's again
    exchanges.clear();
    talk();
    BOOST_TEST(peer.requests.empty());
}

BOOST_AUTO_TEST_SUITE_END()
