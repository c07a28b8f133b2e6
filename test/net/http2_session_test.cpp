// HTTP/2 exchanges on one connection, against the server's side of nghttp2 in memory (section M of
// doc/faults.md).
#include "net/http2_session.hpp"
#include "support/http2_peer.hpp"
#include "support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <random>
#include <string>

using namespace test;
namespace sts = equinix::sts;
using sts::error_kind;
using state = net::http2_exchange::state;
using net::session_step;

namespace {

std::string request(std::string const& body) {
    return "POST /use/token HTTP/1.1\r\nHost: sts.example:8443\r\nUser-Agent: test/1\r\nAuthorization: Basic "
           "c2VjcmV0\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string frame(char type, char flags, std::uint32_t stream, std::string_view payload) {
    std::string out;
    auto const size = payload.size();
    for (unsigned shift : {16U, 8U, 0U})
        out.push_back(static_cast<char>(size >> shift & 0xFFU));
    out.push_back(type);
    out.push_back(flags);
    for (unsigned shift : {24U, 16U, 8U, 0U})
        out.push_back(static_cast<char>(stream >> shift & 0xFFU));
    return out.append(payload);
}

struct fixture {
    explicit fixture(std::vector<nghttp2_settings_entry> const& settings = {}) : peer(line, settings) {}

    net::http2_exchange& begin(std::string const& body = "grant_type=x") {
        requests.push_back(request(body));
        auto& one = exchanges.emplace_back();
        session.start(one, requests.back());
        return one;
    }
    /// Until neither has anything to say.
    void talk() {
        do {
            session.send();
            peer.run();
            last = session.receive();
            if (last != session_step::failed && session.send() == session_step::failed)
                last = session_step::failed;
        } while (last != session_step::failed && !line.to_server.empty());
    }
    std::vector<net::http2_exchange*> over() {
        std::vector<net::http2_exchange*> all;
        while (auto* const one = session.next_over())
            all.push_back(one);
        return all;
    }

    memory_line line;
    sts::limit_options limits = [] {
        sts::limit_options small;
        small.max_head = 2048;
        small.max_body = 100'000;
        return small;
    }();
    http2_peer peer;
    std::deque<std::string> requests;
    std::deque<net::http2_exchange> exchanges;
    net::http2_session session{std::make_unique<line_stream>(line), limits};
    session_step last = session_step::want_read;
};

struct narrow : fixture {
    narrow() : fixture({{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1000}}) {}
};

std::int32_t id_of(std::size_t number) { // of the exchange with this number, from 0
    return static_cast<std::int32_t>(2 * number + 1);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(http2_session, fixture)

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
        fixture on;
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

BOOST_AUTO_TEST_CASE(M4_http_1_1_required_on_a_stream) {
    auto& one = begin();
    talk();
    peer.reset(1, NGHTTP2_HTTP_1_1_REQUIRED);
    talk();
    BOOST_TEST((one.is == state::needs_http1));
}

BOOST_AUTO_TEST_CASE(M4_http_1_1_required_in_goaway) {
    auto& one = begin();
    talk();
    peer.go_away(0, NGHTTP2_HTTP_1_1_REQUIRED);
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

BOOST_FIXTURE_TEST_CASE(M27_an_incomplete_request_is_reset_nevertheless, narrow) {
    talk();
    auto& one = begin(std::string(5000, 'b'));
    session.send();
    session.cancel(one, false);
    talk();
    BOOST_TEST(peer.resets.at(1) == std::uint32_t(NGHTTP2_CANCEL));
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
        fixture victim;
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

BOOST_AUTO_TEST_CASE(M19_a_push_ends_the_connection) {
    auto& one = begin();
    talk();
    // PUSH_PROMISE of stream 2, with END_HEADERS and ":method: GET"
    peer.say(frame(5, 4, 1, std::string("\0\0\0\x02\x82", 5)));
    talk();
    BOOST_TEST((last == session_step::failed));
    BOOST_TEST((one.is == state::failed));
}

BOOST_AUTO_TEST_CASE(closed_in_order_it_says_so) {
    begin();
    talk();
    session.close();
    BOOST_TEST(line.to_server.find(frame(7, 0, 0, std::string(8, '\0'))) != std::string::npos); // GOAWAY
}

BOOST_AUTO_TEST_SUITE_END()
