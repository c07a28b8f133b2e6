// What a peer may send on an established connection, and what ends it: section C of doc/faults.md.
#include "support/connection.hpp"
#include "support/record_forger.hpp"

#include <equinix/sts/error.hpp>

#include <boost/test/unit_test.hpp>

#include <openssl/ssl.h>

#include <functional>
#include <string>
#include <utility>

namespace net = equinix::sts::net;
namespace sts = equinix::sts;
using namespace std::string_literals;
using net::session_step;
using test::connection;
using test::contains;
using test::record_forger;

namespace {

constexpr int flood = 40; // more than anybody may send unasked

struct fixture : test::session_fixture {
    static void establish(connection& one) {
        BOOST_REQUIRE((one.handshake() == session_step::done));
        BOOST_REQUIRE(one.still_idle());
    }

    /// Has the client find these bytes in the socket beside the last of the handshake.
    static void establish_with(connection& one, std::string_view bytes) {
        bool sent = false;
        auto const step = one.peer.pump([&] {
            if (one.peer.handshaken() && !std::exchange(sent, true)) {
                one.peer.send(bytes);
                one.peer.deliver();
            }
            return one.client.handshake();
        });
        BOOST_REQUIRE((step == session_step::done));
        BOOST_REQUIRE(sent);
    }

    /// Lets the server misbehave towards an idle client, and towards one that waits for its answer: both must
    /// give the connection up for the reason.
    void ends_by(std::function<void(connection&)> const& misbehave, std::string const& reason) {
        connection idle(*this);
        establish(idle);
        misbehave(idle);
        BOOST_TEST(!idle.still_idle());
        idle.client.start(std::string_view("POST / HTTP/1.1\r\n\r\n"));
        BOOST_TEST((idle.client.advance() == session_step::failed));

        connection waiting(*this);
        establish(waiting);
        waiting.ask();
        misbehave(waiting);
        BOOST_TEST((waiting.advance() == session_step::failed));
        auto const& why = waiting.client.failure();
        BOOST_TEST((why.kind == sts::error_kind::tls));
        BOOST_TEST((why.phase == sts::phase::read));
        BOOST_TEST(contains(why.message, reason), why.message);
        BOOST_TEST(!waiting.client.finish());
    }

    /// The same with records that the server itself would not write, in both versions.
    void ends_by_records(std::function<std::string(record_forger&)> const& forge, std::string const& reason) {
        options.tickets = 0;
        for (auto const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            only(version);
            ends_by(
                [&](connection& one) {
                    record_forger forger(one.peer);
                    one.peer.send_raw(forge(forger));
                },
                reason);
        }
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_established, fixture)

BOOST_AUTO_TEST_CASE(what_came_together_with_the_end_of_the_handshake_is_unasked_too) {
    only(TLS1_2_VERSION);
    connection one(*this);
    establish_with(one, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    BOOST_TEST(!one.still_idle());
}

BOOST_AUTO_TEST_CASE(an_answer_that_came_together_with_the_end_of_the_handshake_is_not_waited_for) {
    only(TLS1_2_VERSION);
    connection one(*this);
    establish_with(one, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    one.client.start(std::string_view("POST / HTTP/1.1\r\n\r\n"));
    BOOST_TEST((one.client.advance() == session_step::done)); // the socket would tell of nothing
    BOOST_TEST(one.client.answer().status == 503U);
}

BOOST_AUTO_TEST_CASE(D27_an_answer_that_began_between_two_exchanges_is_not_that_of_the_next) {
    options.tickets = 0;
    for (auto const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        only(version);
        for (std::size_t const first : {1, 4, 5, 6, 20}) { // with 5 the header of its record is whole
            connection one(*this);
            establish(one);
            one.ask();
            BOOST_TEST(one.answer());
            BOOST_TEST(one.client.may_serve());
            one.peer.cut_after(one.peer.forwarded() + first, test::ending::silence);
            one.peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            BOOST_TEST(one.still_idle()); // there is nothing to be read
            BOOST_TEST(!one.client.may_serve());
            one.client.start(std::string_view("POST / HTTP/1.1\r\n\r\n"));
            BOOST_TEST((one.client.advance() == session_step::failed));
            BOOST_TEST((one.client.failure().kind == sts::error_kind::network));
        }
    }
}

BOOST_AUTO_TEST_CASE(D29_what_is_left_in_the_socket_behind_a_full_block_is_not_the_next_answer) {
    options.tickets = 0;
    only(TLS1_3_VERSION);
    connection one(*this);
    establish(one);
    one.ask();
    constexpr std::size_t block = std::size_t(17) * 1024, record = std::size_t(16) * 1024, overhead = 22;
    std::string const head = "HTTP/1.1 200 OK\r\nContent-Length: 17322\r\n\r\n";
    auto const answer = head + std::string(block - 2 * overhead - head.size(), ' ');
    BOOST_REQUIRE(answer.size() == head.size() + 17322);
    one.peer.send(answer.substr(0, record));
    one.peer.send(answer.substr(record));
    one.peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    one.peer.deliver();
    BOOST_TEST((one.client.advance() == session_step::done));
    BOOST_TEST(one.client.finish()); // it read up to the end of the answer, and no further
    BOOST_TEST(!one.client.transport().is_drained());
    BOOST_TEST(!one.client.may_serve(true));
}

BOOST_AUTO_TEST_CASE(C4_an_answer_stands_although_the_stream_is_cut_behind_it) {
    for (auto const how : {test::ending::fin, test::ending::half_close}) {
        connection one(*this);
        establish(one);
        one.ask();
        one.peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        one.peer.end(how);
        BOOST_TEST((one.advance() == session_step::done));
        BOOST_TEST(one.client.answer().status == 200U);
        one.client.finish();
        BOOST_TEST(!one.still_idle());
    }
}

BOOST_AUTO_TEST_CASE(C5_a_fatal_alert_after_the_handshake_is_named) {
    std::pair<int, std::string> const alerts[] = {{20, "20: bad record mac"},
                                                  {47, "47: illegal parameter"},
                                                  {49, "49: access denied"},
                                                  {80, "80: internal error"},
                                                  {200, "200: unknown"}};
    for (auto const& [number, name] : alerts)
        ends_by_records(
            [number = number](record_forger& forger) {
                return forger.alert(SSL3_AL_FATAL, static_cast<unsigned char>(number));
            },
            "the TLS alert " + name);
}

BOOST_AUTO_TEST_CASE(C5_forged_records_are_what_they_seem) {
    options.tickets = 0;
    for (auto const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        only(version);
        connection one(*this);
        establish(one);
        one.ask();
        record_forger forger(one.peer);
        one.peer.send_raw(forger.record(SSL3_RT_APPLICATION_DATA, "HTTP/1.1 200 OK\r\n"));
        one.peer.send_raw(forger.record(SSL3_RT_APPLICATION_DATA, "Content-Length: 0\r\n\r\n"));
        BOOST_TEST((one.advance() == session_step::done));
    }
}

BOOST_AUTO_TEST_CASE(C6_a_flood_of_tickets_ends_the_connection) {
    only(TLS1_3_VERSION);
    ends_by(
        [](connection& one) {
            for (int i = 0; i < flood; ++i)
                one.peer.send_ticket();
        },
        "too many TLS handshake messages");
}

BOOST_AUTO_TEST_CASE(C6_a_flood_of_key_updates_ends_the_connection) {
    only(TLS1_3_VERSION);
    for (auto const asked : {false, true})
        ends_by(
            [asked](connection& one) {
                for (int i = 0; i < flood; ++i)
                    one.peer.send_key_update(asked);
            },
            "too many TLS handshake messages");
}

BOOST_AUTO_TEST_CASE(C6_a_flood_in_small_portions_ends_the_connection) {
    only(TLS1_3_VERSION);
    connection one(*this);
    establish(one);
    int taken = 0;
    while (taken < flood && one.still_idle()) {
        one.peer.send_ticket();
        ++taken;
    }
    BOOST_TEST(taken < flood);
}

BOOST_AUTO_TEST_CASE(C6_many_messages_in_one_record_end_the_connection) {
    only(TLS1_3_VERSION);
    options.tickets = 0;
    ends_by(
        [](connection& one) {
            std::string tickets; // of lifetime 1, no nonce, one octet each, no extensions
            for (int i = 0; i < flood; ++i)
                tickets += "\x04\x00\x00\x0e\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01t\x00\x00"s;
            record_forger forger(one.peer);
            one.peer.send_raw(forger.record(SSL3_RT_HANDSHAKE, tickets));
        },
        "too many TLS handshake messages");
}

BOOST_AUTO_TEST_CASE(C6_a_flood_of_warnings_ends_the_connection) {
    constexpr unsigned char user_canceled = 90; // the only one that TLS 1.3 has
    ends_by_records(
        [](record_forger& forger) {
            std::string records;
            for (int i = 0; i < flood; ++i)
                records += forger.alert(SSL3_AL_WARNING, user_canceled);
            return records;
        },
        "too many warn alerts");
}

BOOST_AUTO_TEST_CASE(C6_a_flood_of_empty_records_ends_the_connection) {
    ends_by_records(
        [](record_forger& forger) {
            std::string records;
            for (int i = 0; i < flood; ++i)
                records += forger.record(SSL3_RT_APPLICATION_DATA, "");
            return records;
        },
        "record too small");
}

BOOST_AUTO_TEST_CASE(C6_a_flood_in_the_handshake_ends_the_connection) {
    auto const hello_request = "\x16\x03\x03\x00\x04\x00\x00\x00\x00"s;
    auto const warning = "\x15\x03\x03\x00\x02\x01\x5a"s;
    auto const empty = "\x16\x03\x03\x00\x00"s;
    for (auto const& record : {hello_request, warning, empty}) {
        connection one(*this);
        for (int i = 0; i < flood; ++i)
            one.peer.send_raw(record);
        BOOST_TEST((one.handshake() == session_step::failed));
        BOOST_TEST((one.client.failure().kind == sts::error_kind::tls));
    }
}

BOOST_AUTO_TEST_CASE(C7_a_wish_to_renegotiate_ends_the_connection) {
    only(TLS1_2_VERSION);
    ends_by([](connection& one) { one.peer.send_hello_request(); }, "renegotiation");
}

BOOST_AUTO_TEST_CASE(C7_nothing_that_follows_a_wish_to_renegotiate_is_taken) {
    only(TLS1_2_VERSION);
    options.tickets = 0;
    connection one(*this);
    establish(one);
    one.ask();
    record_forger forger(one.peer);
    one.peer.send_raw(forger.record(SSL3_RT_HANDSHAKE, "\0\0\0\0"s));
    one.peer.send_raw(
        forger.record(SSL3_RT_APPLICATION_DATA, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    BOOST_TEST((one.advance() == session_step::failed));
}

BOOST_AUTO_TEST_CASE(C8_tickets_and_key_updates_between_answers_are_transparent) {
    only(TLS1_3_VERSION);
    connection one(*this);
    establish(one);
    for (int round = 0; round < 10; ++round) { // more of them in all than one pause may have
        one.ask();
        BOOST_TEST(one.answer());
        for (int i = 0; i < 5; ++i) {
            one.peer.send_ticket();
            one.peer.send_key_update(i % 2 == 0);
        }
        BOOST_TEST(one.still_idle());
    }
    BOOST_TEST(one.peer.failure() == "");
}

BOOST_AUTO_TEST_CASE(C8_tickets_and_key_updates_before_an_answer_are_transparent) {
    only(TLS1_3_VERSION);
    connection one(*this);
    one.peer.forward_in_pieces_of(1);
    BOOST_REQUIRE((one.handshake() == session_step::done));
    one.ask();
    one.peer.send_ticket();
    one.peer.send_key_update(true);
    BOOST_TEST(one.answer());
    BOOST_TEST(one.still_idle());
}

BOOST_AUTO_TEST_CASE(C20_closing_tells_the_peer_and_does_not_wait_for_it) {
    for (auto const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        only(version);
        connection one(*this);
        establish(one);
        one.client.close();
        BOOST_TEST(!one.peer.was_told_goodbye());
        one.peer.deliver();
        BOOST_TEST(one.peer.was_told_goodbye());
    }
}

BOOST_AUTO_TEST_CASE(C20_closing_does_not_wait_for_a_peer_that_takes_nothing) {
    connection one(*this);
    establish(one);
    std::string const request(std::size_t(32) * 1024 * 1024, 'x');
    one.client.start(request);
    BOOST_TEST((one.client.advance() == session_step::want_write)); // the peer is not served here
    one.client.close();
    BOOST_TEST(one.peer.received() == "");
}

BOOST_AUTO_TEST_SUITE_END()
