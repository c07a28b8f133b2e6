// A handshake with a server of the certificates that a test describes: right in all but one point.
#pragma once

#include "net/tls_stream.hpp"
#include "support/refused.hpp"
#include "support/tls_peer.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// What came of a handshake.
struct handshake_outcome {
    net::io_step step = net::io_step::failed;
    net::stream_failure failure;
    bool server_satisfied = false;     ///< it has the client's Finished
    std::string received = "not seen"; ///< the application data that the server got
};

/// Shakes hands and tries to write, whatever came of that.
inline handshake_outcome shake_hands(std::shared_ptr<net::tls_context const> context,
                                     tls_server const& server, std::string const& host,
                                     bool is_ip_address = false) {
    tls_peer peer(server);
    net::tls_stream client(std::move(context), peer.client_descriptor(), host, is_ip_address);
    handshake_outcome out;
    out.step = peer.pump([&] { return client.handshake(); });
    out.failure = client.failure();
    out.server_satisfied = peer.handshaken();
    peer.pump([&] { return client.write(std::string_view("canary")).step; });
    out.received = peer.received();
    return out;
}

/// A root, an intermediate authority and a server's certificate, to be spoilt by the test.
struct certificate_fixture {
    testing::certificate_spec root = testing::authority_spec("test root");
    testing::certificate_spec middle = testing::authority_spec("test intermediate");
    std::vector<testing::certificate_spec> below; ///< further intermediates, towards the server
    testing::certificate_spec leaf = testing::server_spec({testing::dns("sts.example.test")});
    std::string host = "sts.example.test";
    bool is_ip_address = false;
    int max_version = TLS1_3_VERSION;

    handshake_outcome connect() const {
        auto const anchor = testing::issue(root);
        auto issuer = testing::issue(middle, anchor);
        auto chain = issuer.pem();
        for (auto const& spec : below) {
            issuer = testing::issue(spec, issuer);
            chain.insert(0, issuer.pem());
        }
        auto const shown = testing::issue(leaf, issuer);
        return connect(shown.pem() + chain, shown, anchor.pem());
    }

    handshake_outcome connect(std::string const& chain_pem, testing::certificate const& shown,
                              std::string const& ca_pem) const {
        server_options options;
        options.chain_pem = chain_pem;
        options.key_pem = shown.key_pem();
        options.max_version = max_version;
        return shake_hands(trusting(ca_pem), tls_server(options), host, is_ip_address);
    }

    static void check_accepted(handshake_outcome const& out) {
        BOOST_TEST((out.step == net::io_step::done), out.failure.message);
        BOOST_TEST(out.received == "canary");
    }

    static void check_refused(handshake_outcome const& out, std::string_view reason) {
        BOOST_TEST((out.step == net::io_step::failed));
        BOOST_TEST(out.failure.by_tls);
        BOOST_TEST(contains(out.failure.message, "the server's certificate was refused: "),
                   out.failure.message);
        BOOST_TEST(contains(out.failure.message, reason), out.failure.message);
        BOOST_TEST(!out.server_satisfied);
        BOOST_TEST(out.received == "");
    }

    /// The same, and by which code: a value `X509_V_ERR_*`.
    static void check_refused(handshake_outcome const& out, std::string_view reason, int code) {
        check_refused(out, reason);
        BOOST_TEST(
            (out.failure.code == boost::system::error_code(code, equinix::sts::certificate_category())),
            out.failure.code.message());
    }

    void accepted() const { check_accepted(connect()); }
    void refused(std::string_view reason) const { check_refused(connect(), reason); }
    void refused(std::string_view reason, int code) const { check_refused(connect(), reason, code); }
};

} // namespace test
