// Answers that are too large or ill-formed end their exchange alone.
#include "net/http2_session_fixture.hpp"
#include "support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace test;
using equinix::sts::error_kind;
using state = net::http2_exchange::state;

BOOST_FIXTURE_TEST_SUITE(http2_session, http2_session_fixture)

BOOST_AUTO_TEST_CASE(M10_a_head_that_is_too_large_ends_its_exchange_alone) {
    auto &one = begin(), &other = begin();
    talk();
    peer.answer(1, "200", "", {{"x-large", std::string(3000, 'x')}});
    peer.answer(id_of(1), "200", "yes");
    talk();
    BOOST_TEST((one.is == state::failed));
    BOOST_TEST(one.failure.kind == error_kind::limit);
    BOOST_TEST((other.is == state::answered));
}

BOOST_AUTO_TEST_CASE(M10_a_body_that_is_too_large_ends_its_exchange_alone) {
    auto &one = begin(), &other = begin();
    talk();
    peer.answer(1, "200", std::string(100'001, 'x'));
    peer.answer(id_of(1), "200", "yes");
    talk();
    BOOST_TEST((one.is == state::failed));
    BOOST_TEST(one.failure.kind == error_kind::limit);
    BOOST_TEST(one.answer.view().body.size() <= 100'000U);
    BOOST_TEST((other.is == state::answered));
}

BOOST_AUTO_TEST_CASE(M11_a_seventeenth_interim_answer_is_one_too_many) {
    auto &one = begin(), &other = begin();
    talk();
    for (int i = 0; i < 17; ++i)
        peer.begin_answer(1, {{":status", "103"}});
    for (int i = 0; i < 16; ++i)
        peer.begin_answer(id_of(1), {{":status", "103"}});
    talk();
    peer.answer(id_of(1), "200", "yes");
    talk();
    BOOST_TEST((one.is == state::failed));
    BOOST_TEST(one.failure.kind == error_kind::limit);
    BOOST_TEST((other.is == state::answered));
}

BOOST_AUTO_TEST_CASE(M12_an_ill_formed_answer_is_a_protocol_error_of_its_exchange) {
    auto &one = begin(), &other = begin();
    talk();
    // HEADERS with END_HEADERS and END_STREAM: a table of size 0, ":status: abc"
    peer.say(frame(1, 5, 1, "\x20\x08\x03" + std::string("abc")));
    talk();
    BOOST_TEST((one.is == state::failed));
    BOOST_TEST(one.failure.kind == error_kind::protocol);
    BOOST_TEST((other.is == state::open));
}

BOOST_AUTO_TEST_CASE(M12_a_status_below_100_is_a_protocol_error) {
    auto& one = begin();
    talk();
    peer.say(frame(1, 5, 1, "\x20\x08\x03" + std::string("051")));
    talk();
    BOOST_TEST((one.is == state::failed));
    BOOST_TEST(one.failure.kind == error_kind::protocol);
}

BOOST_AUTO_TEST_CASE(M12_a_length_that_is_not_the_bodys_is_a_protocol_error) {
    auto& one = begin();
    talk();
    peer.answer(1, "200", "abc", {{"content-length", "4"}});
    talk();
    BOOST_TEST((one.is == state::failed));
    BOOST_TEST(one.failure.kind == error_kind::protocol);
}

BOOST_AUTO_TEST_CASE(M13_two_media_types_are_a_protocol_error) {
    auto& one = begin();
    talk();
    peer.answer(1, "200", "{}", {{"content-type", "application/json"}, {"content-type", "text/html"}});
    talk();
    BOOST_TEST(one.failure.kind == error_kind::protocol);
}

BOOST_AUTO_TEST_SUITE_END()
