// A session of HTTP with a scripted TLS server.
#pragma once

#include "net/session.hpp"
#include "net/tls_stream.hpp"
#include "support/refused.hpp"
#include "support/tls_peer.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace test {

/// What it takes to connect with a server whose certificate is good.
struct session_fixture {
    std::string host = "sts.example.test";
    testing::certificate authority = testing::issue(testing::authority_spec("test root"));
    testing::certificate shown =
        testing::issue(testing::server_spec({testing::dns(host), testing::ip("192.0.2.1")}), authority);
    std::shared_ptr<net::tls_context const> context = trusting(authority);
    server_options options;

    session_fixture() {
        options.chain_pem = shown.pem();
        options.key_pem = shown.key_pem();
    }

    void only(int version) { options.min_version = options.max_version = version; }
};

/// The client's session and the server's end of one connection.
struct connection {
    explicit connection(session_fixture const& with)
        : connection(with, std::make_shared<tls_server const>(with.options)) {}

    connection(session_fixture const& with, std::shared_ptr<tls_server const> shared)
        : server(std::move(shared)), peer(*server),
          client(std::make_unique<net::tls_stream>(with.context, peer.client_descriptor(), with.host,
                                                   with.host == "192.0.2.1"),
                 equinix::sts::limit_options()) {}

    net::session_step handshake() {
        return peer.pump([this] { return client.handshake(); });
    }
    net::session_step advance() {
        return peer.pump([this] { return client.advance(); });
    }

    /// Sends a request that the server takes and does not answer yet.
    void ask() {
        constexpr std::string_view request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
        auto const before = peer.received().size();
        client.start(request);
        BOOST_TEST((advance() == net::session_step::want_read));
        BOOST_TEST(peer.received().substr(before) == request);
    }

    /// Takes a whole answer; whether another exchange may follow.
    bool answer() {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        BOOST_TEST((advance() == net::session_step::done), client.failure().message);
        return client.finish();
    }

    /// Lets all of the server's bytes come to an idle client, which must look at them.
    bool still_idle() {
        peer.deliver();
        return client.still_idle();
    }

    std::shared_ptr<tls_server const> server;
    tls_peer peer;
    net::session client;
};

} // namespace test
