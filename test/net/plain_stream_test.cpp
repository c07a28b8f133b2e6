// HTTP over a socket without TLS.
#include "net/plain_stream.hpp"
#include "net/session.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

namespace net = equinix::sts::net;
namespace sts = equinix::sts;
using net::io_step;
using net::session_step;

namespace {

struct fixture {
    std::array<int, 2> ends{-1, -1};
    int peer() const { return ends[1]; }

    fixture() { BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0); }
    fixture(fixture const&) = delete;
    fixture& operator=(fixture const&) = delete;
    ~fixture() {
        ::close(ends[0]);
        leave();
    }
    void leave() {
        if (ends[1] >= 0) ::close(ends[1]);
        ends[1] = -1;
    }
    void say(std::string_view text) const {
        BOOST_REQUIRE(::send(peer(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    }
    std::string heard() const {
        std::array<char, 4096> block; // NOLINT: filled by the read
        auto const got = ::recv(peer(), block.data(), block.size(), 0);
        return {block.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    }
    net::session session() const {
        return net::session(std::make_unique<net::plain_stream>(ends[0]), equinix::sts::limit_options());
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(plain_stream, fixture)

BOOST_AUTO_TEST_CASE(knows_whether_a_read_took_all_that_there_was) {
    net::plain_stream stream(ends[0]);
    std::array<char, 4> into{};
    say("ab");
    stream.read(into);
    BOOST_TEST(stream.is_drained());
    say("abcd");
    stream.read(into); // there may be more
    BOOST_TEST(!stream.is_drained());
    stream.read(into);
    BOOST_TEST(stream.is_drained());
    leave();
    stream.read(into); // the end stays
    BOOST_TEST(!stream.is_drained());
}

BOOST_AUTO_TEST_CASE(a_session_does_not_trust_a_look_from_before_all_was_read) {
    auto session = this->session();
    say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    session.start(std::string_view("POST / HTTP/1.1\r\n\r\n"));
    BOOST_TEST((session.advance() == session_step::want_read));
    BOOST_TEST((session.advance() == session_step::done));
    BOOST_TEST(session.finish());
    BOOST_TEST(session.may_serve(true));
    say("HTTP/1.1 200 OK\r\n\r\n");
    BOOST_TEST(!session.may_serve(false));
}

BOOST_AUTO_TEST_CASE(carries_bytes_as_they_are_and_counts_them) {
    net::plain_stream stream(ends[0]);
    BOOST_TEST((stream.handshake() == io_step::done));
    std::array<char, 8> into{};
    BOOST_TEST((stream.read(into).step == io_step::want_read));
    BOOST_TEST((stream.write(std::string_view("abc")).step == io_step::done));
    BOOST_TEST(heard() == "abc");
    say("defgh");
    auto const got = stream.read(into);
    BOOST_TEST((got.step == io_step::done));
    BOOST_TEST(std::string(into.data(), got.bytes) == "defgh");
    BOOST_TEST(stream.traffic().sent == 3U);
    BOOST_TEST(stream.traffic().received == 5U);
}

BOOST_AUTO_TEST_CASE(waits_when_the_socket_takes_no_more) {
    net::plain_stream stream(ends[0]);
    std::string const much(std::size_t(1) << 20, 'x');
    auto step = io_step::done;
    for (int i = 0; i < 64 && step == io_step::done; ++i)
        step = stream.write(much).step;
    BOOST_TEST((step == io_step::want_write));
}

BOOST_AUTO_TEST_CASE(ends_with_its_peer) {
    net::plain_stream stream(ends[0]);
    leave();
    std::array<char, 8> into{};
    BOOST_TEST((stream.read(into).step == io_step::eof));
}

BOOST_AUTO_TEST_CASE(L5_fails_without_a_signal_when_nobody_reads) {
    net::plain_stream stream(ends[0]);
    leave();
    BOOST_TEST((stream.write(std::string_view("abc")).step == io_step::failed));
    BOOST_TEST((stream.failure().code == boost::system::errc::broken_pipe));
    BOOST_TEST(!stream.failure().by_tls);
}

BOOST_AUTO_TEST_CASE(carries_a_session) {
    auto client = session();
    BOOST_TEST((client.handshake() == session_step::done));
    client.start(std::string_view("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    BOOST_TEST((client.advance() == session_step::want_read));
    BOOST_TEST(heard() == "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    BOOST_TEST((client.advance() == session_step::done));
    BOOST_TEST(client.answer().body == "{}");
    BOOST_TEST(client.finish());
}

BOOST_AUTO_TEST_CASE(lets_a_cut_answer_be_seen) {
    auto client = session();
    client.start(std::string_view("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    BOOST_TEST((client.advance() == session_step::want_read));
    say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{");
    heard();
    leave();
    BOOST_TEST((client.advance() == session_step::failed));
    BOOST_TEST((client.failure().kind == sts::error_kind::truncated));
}

BOOST_AUTO_TEST_SUITE_END()
