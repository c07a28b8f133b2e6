// A scripted TLS server on the other end of a real loopback connection, in the thread of the test.
//
// The test drives the client's end in steps that never wait; the server is OpenSSL over memory, and what it
// produces is forwarded to the socket as the test says: whole, in small pieces, or cut at an offset. After
// each piece the peer waits until the kernel has it at the client, so that a run is the same every time.
#pragma once

#include "net/tls_context.hpp"
#include "testing/certificates.hpp"

#include <openssl/ssl.h>

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace test {

namespace base = equinix::sts::base;
namespace net = equinix::sts::net;
namespace testing = equinix::sts::testing;

/// The one place where these tests make a client's context.
std::shared_ptr<net::tls_context const> trusting(std::string const& ca_pem);

inline std::shared_ptr<net::tls_context const> trusting(testing::certificate const& authority) {
    return trusting(authority.pem());
}

/// Everything old is allowed, so that only the client can refuse it.
struct server_options {
    std::string chain_pem; ///< its own certificate first
    std::string key_pem;
    int min_version = TLS1_2_VERSION;
    int max_version = TLS1_3_VERSION;
    std::string ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"; ///< up to TLS 1.2
    std::string alpn;             ///< what it chooses, offered or not; empty: it knows no ALPN
    std::string client_ca_pem;    ///< asks for a certificate of this authority and insists on it
    unsigned tickets = 2;         ///< of TLS 1.3, with each handshake
    bool resumption = true;       ///< honours tickets
    std::uint32_t early_data = 0; ///< how much it would take
};

/// Settings, tickets and keys that several connections share.
class tls_server {
public:
    explicit tls_server(server_options options);

    SSL_CTX* native() const noexcept { return context_.get(); }

private:
    static int choose_protocol(SSL* ssl, unsigned char const** chosen, unsigned char* size,
                               unsigned char const* offered, unsigned offered_size, void* self);

    server_options options_;
    base::openssl_ptr<SSL_CTX> context_;
};

/// How a connection goes on when the server's bytes end.
enum class ending {
    silence,    ///< nothing more comes
    half_close, ///< FIN, while the server reads on
    fin,        ///< FIN, and the socket is gone
    reset       ///< RST
};

class tls_peer {
public:
    explicit tls_peer(tls_server const& server);
    tls_peer(tls_peer const&) = delete;
    tls_peer& operator=(tls_peer const&) = delete;
    ~tls_peer();

    /// The client's end, non-blocking. It stays the peer's.
    int client_descriptor() const noexcept { return client_; }

    /// \name What the server says, beginning with the next `pump` or `deliver`
    /// @{
    void send(std::string_view application_data);
    void send_raw(std::string_view bytes); ///< past TLS
    void send_close_notify();
    void send_ticket();
    void send_key_update(bool ask_for_one);
    void send_hello_request();
    void end(ending how) { cut_after(forwarded_ + outgoing_.size(), how); }
    /// @}

    /// \name How its bytes go out
    /// @{
    void forward_in_pieces_of(std::size_t size) { piece_ = size; }
    void cut_after(std::size_t bytes, ending how) { limit_ = bytes, ending_ = how; }
    std::size_t forwarded() const noexcept { return forwarded_; } ///< bytes that went out so far
    /// @}

    /// Calls the client's step and serves it, alternately, until the step is complete or nothing moves any
    /// more: a step that wants to wait is returned then.
    template <class Step>
    auto pump(Step step) {
        using step_type = decltype(step());
        for (;;) {
            auto const came_to = step();
            if (came_to != step_type::want_read && came_to != step_type::want_write) {
                deliver();
                return came_to;
            }
            if (!serve()) return came_to;
        }
    }

    /// Takes all that the client sent and forwards all that may be.
    void deliver();

    /// \name What the server saw
    /// @{
    bool handshaken() const noexcept { return handshaken_; }
    bool resumed() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }
    bool was_told_goodbye() const noexcept { return goodbye_; }
    bool input_ended() const noexcept { return input_ended_; }
    std::string const& received() const noexcept { return received_; } ///< application data
    std::string const& failure() const noexcept { return failure_; }   ///< OpenSSL's words
    /// An extension of the ClientHello, by its number; null when it was not there.
    std::string const* hello_extension(unsigned type) const;
    SSL* native() const noexcept { return ssl_.get(); }
    std::string const& traffic_secret() const noexcept { return traffic_secret_; } ///< of TLS 1.3, in hex
    /// @}

private:
    friend class tls_server;

    static int note_hello(SSL* ssl, int* alert, void* ignored);
    static void note_secret(SSL const* ssl, char const* line);

    bool serve();
    bool take_input();
    void drive();
    void collect_output();
    bool forward();
    void finish();
    bool input_comes() const;
    void note_failure(int returned);

    int client_ = -1;
    int server_ = -1;
    base::openssl_ptr<SSL> ssl_;
    std::string outgoing_;
    std::size_t forwarded_ = 0;
    std::size_t piece_ = std::numeric_limits<std::size_t>::max();
    std::size_t limit_ = std::numeric_limits<std::size_t>::max();
    ending ending_ = ending::silence;
    bool finished_ = false;
    bool handshaken_ = false;
    bool goodbye_ = false;
    bool input_ended_ = false;
    std::string received_;
    std::string failure_;
    std::map<unsigned, std::string> hello_;
    std::string traffic_secret_;
};

} // namespace test
