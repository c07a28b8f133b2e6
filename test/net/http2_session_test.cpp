// HTTP/2 exchanges on one connection, against the server's side of nghttp2 in memory (section M of
// doc/faults.md).
#include "net/http2_session_fixture.hpp"
#include "support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

using namespace test;
using equinix::sts::error_kind;
using state = net::http2_exchange::state;
using net::session_step;

BOOST_FIXTURE_TEST_SUITE(http2_session, http2_session_fixture)

BOOST_AUTO_TEST_CASE(a_request_arrives_as_http2_has_it) {
    begin("grant_type=x&scope=y");
    talk();
    auto const& got = peer.requests.at(1);
    BOOST_TEST(got.fields.at(":method") == "POST");
    BOOST_TEST(got.fields.at(":scheme") == "https");
    BOOST_TEST(got.fields.at(":authority") == "sts.example:8443");
    BOOST_TEST(got.fields.at(":path") == "/use/token");
    BOOST_TEST(got.fields.at("user-agent") == "test/1");
    BOOST_TEST(got.fields.count("host") == 0U);
    BOOST_TEST(got.body == "grant_type=x&scope=y");
    BOOST_TEST(got.complete);
}

BOOST_AUTO_TEST_CASE(M20_credentials_are_never_indexed) {
    begin();
    talk();
    BOOST_TEST((peer.requests.at(1).flags.at("authorization") & NGHTTP2_NV_FLAG_NO_INDEX) != 0);
    BOOST_TEST((peer.requests.at(1).flags.at("x-vault-token") & NGHTTP2_NV_FLAG_NO_INDEX) != 0);
    BOOST_TEST((peer.requests.at(1).flags.at("user-agent") & NGHTTP2_NV_FLAG_NO_INDEX) == 0);
}

BOOST_AUTO_TEST_CASE(an_answer_is_complete_with_its_last_byte) {
    auto& one = begin();
    talk();
    BOOST_TEST((one.is == state::open));
    peer.answer(1, "200", "{\"a\":1}", {{"content-type", "application/json"}, {"retry-after", "7"}});
    talk();
    BOOST_TEST((one.is == state::answered));
    BOOST_TEST(one.answer.view().status == 200U);
    BOOST_TEST(one.answer.view().content_type == "application/json");
    BOOST_TEST(one.answer.view().retry_after == "7");
    BOOST_TEST(one.answer.view().body == "{\"a\":1}");
    BOOST_TEST((over() == std::vector{&one}));
    BOOST_TEST(session.open() == 0U);
}

BOOST_AUTO_TEST_CASE(M1_ten_thousand_answers_in_any_order_each_belong_to_their_request) {
    std::minstd_rand random{5}; // NOLINT: the same run each time
    constexpr std::size_t rounds = 100, together = 100;
    for (std::size_t round = 0; round < rounds; ++round) {
        std::vector<std::int32_t> ids;
        exchanges.clear();
        requests.clear();
        for (std::size_t i = 0; i < together; ++i) {
            begin("n=" + std::to_string(round * together + i));
            ids.push_back(id_of(round * together + i));
        }
        talk();
        std::shuffle(ids.begin(), ids.end(), random);
        for (auto const id : ids)
            peer.answer(id, "200", peer.requests.at(id).body);
        talk();
        BOOST_TEST_REQUIRE(over().size() == together);
        for (std::size_t i = 0; i < together; ++i)
            BOOST_TEST_REQUIRE(exchanges[i].answer.view().body ==
                               "n=" + std::to_string(round * together + i));
    }
}

BOOST_AUTO_TEST_CASE(M2_four_streams_with_four_outcomes_on_one_connection) {
    auto &silent = begin(), &reset = begin(), &refused = begin(), &answered = begin();
    talk();
    peer.reset(id_of(1), NGHTTP2_INTERNAL_ERROR);
    peer.reset(id_of(2), NGHTTP2_REFUSED_STREAM);
    peer.answer(id_of(3), "200", "yes");
    talk();
    BOOST_TEST((silent.is == state::open));
    BOOST_TEST((reset.is == state::failed));
    BOOST_TEST(reset.failure.kind == error_kind::network);
    BOOST_TEST(reset.failure.message == "the server has reset the stream: INTERNAL_ERROR");
    BOOST_TEST((refused.is == state::unprocessed));
    BOOST_TEST((answered.is == state::answered));
    BOOST_TEST((last == session_step::want_read));
    BOOST_TEST(over().size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_request_may_have_many_fields) {
    std::string head = "POST / HTTP/1.1\r\nHost: sts.example\r\n";
    for (int i = 0; i < 60; ++i)
        head += "X-" + std::to_string(i) + ": " + std::to_string(i) + "\r\n";
    requests.push_back(head + "Content-Length: 1\r\n\r\nx");
    session.start(exchanges.emplace_back(), requests.back());
    talk();
    auto const& seen = peer.requests.at(1);
    BOOST_TEST(seen.fields.at(":authority") == "sts.example");
    for (int i = 0; i < 60; ++i)
        BOOST_TEST(seen.fields.at("x-" + std::to_string(i)) == std::to_string(i));
    BOOST_TEST(seen.complete);
}

BOOST_AUTO_TEST_CASE(M9_exchanges_that_begin_together_leave_in_one_write) {
    talk();
    line.writes = 0;
    for (int i = 0; i < 64; ++i)
        begin();
    session.send();
    BOOST_TEST(line.writes == 1U);
}

BOOST_AUTO_TEST_CASE(it_is_known_what_may_have_reached_the_server) {
    talk();
    auto& one = begin();
    BOOST_TEST(!session.was_sent(one));
    line.room = 0;
    BOOST_TEST((session.send() == session_step::want_write));
    BOOST_TEST(!session.was_sent(one));
    line.room = 5;
    session.send();
    BOOST_TEST(session.was_sent(one));
}

BOOST_AUTO_TEST_CASE(M17_a_ping_asks_whether_the_server_is_there) {
    talk();
    session.ping();
    BOOST_TEST(session.is_pinging());
    talk();
    BOOST_TEST(peer.pings == 1U);
    BOOST_TEST(!session.is_pinging());
}

BOOST_AUTO_TEST_CASE(M18_the_servers_limit_of_streams_is_known_and_may_change) {
    peer.set(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 10);
    talk();
    BOOST_TEST(session.most_exchanges().value() == 10U);
    peer.set(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1);
    talk();
    BOOST_TEST(session.most_exchanges().value() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
