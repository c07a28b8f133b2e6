#include "support/tls_peer.hpp"

#include <boost/test/unit_test.hpp>

#include <linux/tcp.h> // <netinet/tcp.h> does not count what was sent
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace test {
namespace {

using testing::must;
using testing::owned;

constexpr std::size_t unread_limit = std::size_t(32) * 1024; // below what a socket takes without its reader

int checked(int result, char const* what) {
    if (result < 0) throw std::runtime_error(std::string("tls_peer: ") + what + " failed");
    return result;
}

std::size_t unread_of(int descriptor) {
    int count = 0;
    checked(::ioctl(descriptor, FIONREAD, &count), "FIONREAD");
    return static_cast<std::size_t>(count);
}

bool is_ready(int descriptor, short events, int milliseconds = 0) {
    pollfd one{.fd = descriptor, .events = events, .revents = 0};
    return ::poll(&one, 1, milliseconds) > 0;
}

tcp_info tcp_info_of(int descriptor) {
    tcp_info info{};
    socklen_t size = sizeof(info);
    checked(::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size), "TCP_INFO");
    return info;
}

/// Waits for what the kernel is about to do: a guard against hanging, never a measure.
template <class Condition>
void await_kernel(Condition holds) {
    auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!holds()) {
        BOOST_REQUIRE_MESSAGE(std::chrono::steady_clock::now() < until, "the loopback lost something");
        ::sched_yield();
    }
}

/// A connection over loopback: the client's end and the server's, both non-blocking.
std::pair<int, int> connect_pair() {
    auto const listening = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address); // NOLINT: the system's interface
    checked(::bind(listening, any, size), "bind");
    checked(::listen(listening, 1), "listen");
    checked(::getsockname(listening, any, &size), "getsockname");
    auto const client = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    checked(::connect(client, any, size), "connect");
    auto const server = checked(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC), "accept");
    ::close(listening);
    for (auto const end : {client, server}) {
        int yes = 1;
        checked(::ioctl(end, FIONBIO, &yes), "FIONBIO");
        checked(::setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)), "TCP_NODELAY");
    }
    return {client, server};
}

void use_chain(SSL_CTX* context, std::string const& pem) {
    owned<BIO> const bio(must(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), "read PEM"));
    bool first = true;
    while (auto* const read = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
        owned<X509> const certificate(read);
        must(static_cast<int>(first ? SSL_CTX_use_certificate(context, read)
                                    : SSL_CTX_add1_chain_cert(context, read)),
             "use a certificate");
        first = false;
    }
    ERR_clear_error(); // of the end of the text
}

void use_key(SSL_CTX* context, std::string const& pem) {
    owned<BIO> const bio(must(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), "read PEM"));
    owned<EVP_PKEY> const key(
        must(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), "read a key"));
    must(SSL_CTX_use_PrivateKey(context, key.get()), "use a key");
}

void insist_on_client_certificate(SSL_CTX* context, std::string const& ca_pem) {
    owned<BIO> const bio(must(BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size())), "read PEM"));
    owned<X509> const authority(
        must(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), "read a certificate"));
    must(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()), "trust an authority");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

} // namespace

std::shared_ptr<net::tls_context const> trusting(std::string const& ca_pem) {
    equinix::sts::tls_options settings;
    settings.ca_pem = ca_pem;
    return std::make_shared<net::tls_context const>(settings);
}

tls_server::tls_server(server_options options)
    : options_(std::move(options)), context_(must(SSL_CTX_new(TLS_server_method()), "make a server")) {
    auto* const context = context_.get();
    SSL_CTX_set_security_level(context, 0);
    must(static_cast<int>(SSL_CTX_set_min_proto_version(context, options_.min_version)), "set a version");
    must(static_cast<int>(SSL_CTX_set_max_proto_version(context, options_.max_version)), "set a version");
    must(SSL_CTX_set_cipher_list(context, (options_.ciphers + ":@SECLEVEL=0").c_str()), "set suites");
    must(SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256"), "set suites");
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (!options_.resumption) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    if (!options_.resumption) SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    must(SSL_CTX_set_num_tickets(context, options_.tickets), "set the tickets");
    must(SSL_CTX_set_max_early_data(context, options_.early_data), "take early data");
    constexpr unsigned char name[] = "tls_peer";
    must(SSL_CTX_set_session_id_context(context, name, sizeof(name)), "name the sessions");
    if (!options_.chain_pem.empty()) use_chain(context, options_.chain_pem);
    if (!options_.key_pem.empty()) use_key(context, options_.key_pem);
    if (!options_.alpn.empty()) SSL_CTX_set_alpn_select_cb(context, choose_protocol, this);
    if (!options_.client_ca_pem.empty()) insist_on_client_certificate(context, options_.client_ca_pem);
    SSL_CTX_set_client_hello_cb(context, tls_peer::note_hello, nullptr);
    SSL_CTX_set_keylog_callback(context, tls_peer::note_secret);
}

int tls_server::choose_protocol(SSL*, unsigned char const** chosen, unsigned char* size, unsigned char const*,
                                unsigned, void* self) {
    auto const& alpn = static_cast<tls_server const*>(self)->options_.alpn;
    *chosen = reinterpret_cast<unsigned char const*>(alpn.data()); // NOLINT: OpenSSL's type
    *size = static_cast<unsigned char>(alpn.size());
    return SSL_TLSEXT_ERR_OK;
}

tls_peer::tls_peer(tls_server const& server) : ssl_(must(SSL_new(server.native()), "make a connection")) {
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_accept_state(ssl_.get());
    auto* const in = must(BIO_new(BIO_s_mem()), "make a transport");
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(ssl_.get(), in, must(BIO_new(BIO_s_mem()), "make a transport"));
    std::tie(client_, server_) = connect_pair();
}

tls_peer::~tls_peer() {
    ::close(client_);
    if (server_ >= 0) ::close(server_);
}

int tls_peer::note_hello(SSL* ssl, int*, void*) {
    auto& self = *static_cast<tls_peer*>(SSL_get_app_data(ssl));
    int* types = nullptr;
    std::size_t count = 0;
    if (SSL_client_hello_get1_extensions_present(ssl, &types, &count) != 1) return SSL_CLIENT_HELLO_ERROR;
    for (auto const* type = types; type != types + count; ++type) {
        unsigned char const* data = nullptr;
        std::size_t size = 0;
        SSL_client_hello_get0_ext(ssl, static_cast<unsigned>(*type), &data, &size);
        self.hello_[static_cast<unsigned>(*type)] = std::string(data, data + size);
    }
    OPENSSL_free(types);
    return SSL_CLIENT_HELLO_SUCCESS;
}

void tls_peer::note_secret(SSL const* ssl, char const* line) {
    std::string_view const text = line;
    if (text.starts_with("SERVER_TRAFFIC_SECRET_0 "))
        static_cast<tls_peer*>(SSL_get_app_data(ssl))->traffic_secret_ = text.substr(text.rfind(' ') + 1);
}

std::string const* tls_peer::hello_extension(unsigned type) const {
    auto const found = hello_.find(type);
    return found == hello_.end() ? nullptr : &found->second;
}

void tls_peer::send(std::string_view application_data) {
    std::size_t written = 0;
    must(SSL_write_ex(ssl_.get(), application_data.data(), application_data.size(), &written), "write");
    collect_output();
}

void tls_peer::send_raw(std::string_view bytes) {
    collect_output();
    outgoing_ += bytes;
}

void tls_peer::send_close_notify() {
    SSL_shutdown(ssl_.get());
    collect_output();
}

void tls_peer::send_ticket() {
    must(SSL_new_session_ticket(ssl_.get()), "make a ticket");
    must(SSL_do_handshake(ssl_.get()), "send a ticket");
    collect_output();
}

void tls_peer::send_key_update(bool ask_for_one) {
    must(SSL_key_update(ssl_.get(), ask_for_one ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED),
         "update a key");
    must(SSL_do_handshake(ssl_.get()), "send a key update");
    collect_output();
}

void tls_peer::send_hello_request() {
    must(SSL_renegotiate(ssl_.get()), "ask for a handshake");
    must(SSL_do_handshake(ssl_.get()), "ask for a handshake");
    collect_output();
}

void tls_peer::deliver() {
    while (serve()) {
    }
}

/// Whether anything moved.
bool tls_peer::serve() {
    if (server_ < 0) return false;
    auto const taken = input_comes() && take_input();
    if (taken) drive();
    collect_output();
    return forward() || taken;
}

bool tls_peer::take_input() {
    bool taken = false;
    std::array<char, 16384> block{};
    for (;;) {
        auto const count = ::recv(server_, block.data(), block.size(), 0);
        if (count <= 0) {
            if (count == 0 || errno != EAGAIN) input_ended_ = true;
            return taken;
        }
        must(BIO_write(SSL_get_rbio(ssl_.get()), block.data(), static_cast<int>(count)), "take input");
        taken = true;
    }
}

void tls_peer::drive() {
    ERR_clear_error();
    if (!handshaken_) {
        auto const returned = SSL_do_handshake(ssl_.get());
        if (returned != 1) return note_failure(returned);
        handshaken_ = true;
    }
    for (;;) {
        std::array<char, 16384> block{};
        std::size_t count = 0;
        auto const returned = SSL_read_ex(ssl_.get(), block.data(), block.size(), &count);
        if (returned != 1) return note_failure(returned);
        received_.append(block.data(), count);
    }
}

void tls_peer::note_failure(int returned) {
    auto const why = SSL_get_error(ssl_.get(), returned);
    if (why == SSL_ERROR_ZERO_RETURN) goodbye_ = true;
    if (why == SSL_ERROR_SSL && failure_.empty()) {
        auto const* const reason = ERR_reason_error_string(ERR_peek_error());
        failure_ = reason != nullptr ? reason : "no reason given";
    }
    ERR_clear_error();
}

void tls_peer::collect_output() {
    std::array<char, 16384> block{};
    for (;;) {
        auto const count = BIO_read(SSL_get_wbio(ssl_.get()), block.data(), static_cast<int>(block.size()));
        if (count <= 0) return;
        outgoing_.append(block.data(), static_cast<std::size_t>(count));
    }
}

bool tls_peer::forward() {
    auto const unread = unread_of(client_);
    auto const room = unread_limit - std::min(unread, unread_limit);
    auto const size = std::min({outgoing_.size(), piece_, limit_ - forwarded_, room});
    if (size == 0) {
        if (forwarded_ < limit_ || finished_) return false;
        finish();
        return true;
    }
    if (::send(server_, outgoing_.data(), size, MSG_NOSIGNAL) != static_cast<ssize_t>(size))
        throw std::runtime_error("tls_peer: the socket did not take what it has room for");
    await_kernel([&] { return unread_of(client_) == unread + size; });
    forwarded_ += size;
    outgoing_.erase(0, size);
    return true;
}

void tls_peer::finish() {
    finished_ = true;
    if (ending_ == ending::silence) return;
    if (ending_ == ending::half_close) {
        checked(::shutdown(server_, SHUT_WR), "shutdown");
    } else {
        // Closing with input unread would reset the connection: serve() has taken it all before this.
        linger const at_once{.l_onoff = ending_ == ending::reset ? 1 : 0, .l_linger = 0};
        checked(::setsockopt(server_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), "SO_LINGER");
        ::close(std::exchange(server_, -1));
    }
    await_kernel([this] { return is_ready(client_, POLLRDHUP); });
}

/// Whether bytes of the client are there that were not taken, or on their way.
bool tls_peer::input_comes() const {
    if (server_ < 0 || input_ended_) return false;
    auto const sent = tcp_info_of(client_);
    await_kernel([&] {
        return tcp_info_of(server_).tcpi_bytes_received >= sent.tcpi_bytes_sent - sent.tcpi_bytes_retrans;
    });
    return is_ready(server_, POLLIN);
}

} // namespace test
