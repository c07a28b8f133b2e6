// Case C17 of doc/faults.md: a handshake that is cut at each byte of the server's.
#include "support/connection.hpp"

#include <equinix/sts/error.hpp>

#include <boost/test/unit_test.hpp>

#include <openssl/ssl.h>

#include <cstddef>

namespace sts = equinix::sts;
using equinix::sts::net::session_step;
using test::connection;
using test::ending;

namespace {

struct fixture : test::session_fixture {
    /// Cuts later and later, until the handshake is complete before the cut.
    void cut_everywhere(int version, ending how) {
        only(version);
        auto const server = std::make_shared<test::tls_server const>(options);
        std::size_t cut = 0;
        for (;; ++cut) {
            connection one(*this, server);
            one.peer.cut_after(cut, how);
            auto const step = one.handshake();
            if (step == session_step::done) break;
            if (how == ending::silence) {
                BOOST_TEST((step == session_step::want_read));
                continue;
            }
            auto const& why = one.client.failure();
            BOOST_REQUIRE((step == session_step::failed));
            BOOST_TEST((why.kind == sts::error_kind::network));
            BOOST_TEST((why.phase == sts::phase::tls));
            BOOST_TEST(!why.message.empty());
            BOOST_TEST((why.code == boost::system::errc::connection_reset) == (how == ending::reset), cut);
        }
        BOOST_TEST(cut > 500U); // a server's flight with its certificate has more
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_cut, fixture)

BOOST_AUTO_TEST_CASE(C17_a_handshake_of_tls_1_3_that_ends_anywhere_fails) {
    cut_everywhere(TLS1_3_VERSION, ending::fin);
}

BOOST_AUTO_TEST_CASE(C17_a_handshake_of_tls_1_2_that_ends_anywhere_fails) {
    cut_everywhere(TLS1_2_VERSION, ending::fin);
}

BOOST_AUTO_TEST_CASE(C17_a_handshake_of_tls_1_3_that_is_half_closed_anywhere_fails) {
    cut_everywhere(TLS1_3_VERSION, ending::half_close);
}

BOOST_AUTO_TEST_CASE(C17_a_handshake_of_tls_1_3_that_is_reset_anywhere_fails) {
    cut_everywhere(TLS1_3_VERSION, ending::reset);
}

BOOST_AUTO_TEST_CASE(C17_a_handshake_of_tls_1_2_that_is_reset_anywhere_fails) {
    cut_everywhere(TLS1_2_VERSION, ending::reset);
}

BOOST_AUTO_TEST_CASE(C17_a_handshake_that_falls_silent_anywhere_waits_for_the_socket) {
    cut_everywhere(TLS1_3_VERSION, ending::silence);
}

BOOST_AUTO_TEST_CASE(C17_a_handshake_in_single_bytes_succeeds) {
    for (auto const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        only(version);
        connection one(*this);
        one.peer.forward_in_pieces_of(1);
        BOOST_TEST((one.handshake() == session_step::done));
        one.ask();
        BOOST_TEST(one.answer());
    }
}

BOOST_AUTO_TEST_SUITE_END()
