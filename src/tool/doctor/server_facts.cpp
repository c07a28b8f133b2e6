#include "tool/doctor/server_facts.hpp"

#include "base/characters.hpp"
#include "base/descriptor.hpp"
#include "base/http_date.hpp"
#include "base/lock.hpp"
#include "base/openssl_ptr.hpp"
#include "base/redact.hpp"
#include "tool/doctor/certificate_text.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace equinix::sts::tool::doctor {
namespace {

using std::chrono::sys_seconds;

using base::openssl_ptr;

constexpr std::size_t most_addresses = 8;

struct freed {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
    void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};

/// Not open if there is no connection; then `failed` has the reason.
base::descriptor connect_to(addrinfo const& to, std::chrono::seconds at_most, std::error_code& failed) {
    base::descriptor socket(::socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    timeval const bound{static_cast<time_t>(at_most.count()), 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof(bound)); // connect() as well
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound));
    if (::connect(socket.get(), to.ai_addr, to.ai_addrlen) == 0) return socket;
    failed.assign(errno == EINPROGRESS ? ETIMEDOUT : errno, std::generic_category());
    return base::descriptor();
}

std::string name_of(addrinfo const& one) {
    char host[NI_MAXHOST] = "", port[NI_MAXSERV] = "";
    ::getnameinfo(one.ai_addr, one.ai_addrlen, host, sizeof(host), port, sizeof(port),
                  NI_NUMERICHOST | NI_NUMERICSERV);
    return (one.ai_family == AF_INET6 ? "[" + std::string(host) + "]" : host) + ":" + port;
}

std::string names_of(X509 const* shown) {
    std::unique_ptr<GENERAL_NAMES, freed> const names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(shown, NID_subject_alt_name, nullptr, nullptr)));
    if (!names) return "none";
    openssl_ptr<BIO> const memory(BIO_new(BIO_s_mem()));
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        if (i > 0) BIO_puts(memory.get(), ", ");
        GENERAL_NAME_print(memory.get(), sk_GENERAL_NAME_value(names.get(), i));
    }
    return text_of(memory.get());
}

sys_seconds time_of(ASN1_TIME const* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    return sys_seconds(std::chrono::seconds(::timegm(&parts))); // the year 9999 does not fit in nanoseconds
}

/// A header of an answer; empty if it has none of that name.
std::string_view header(std::string_view head, std::string_view name) {
    while (!head.empty()) {
        auto line = head.substr(0, head.find('\n'));
        head.remove_prefix(std::min(line.size() + 1, head.size()));
        auto const colon = line.find(':');
        if (colon == std::string_view::npos || !base::iequals(line.substr(0, colon), name)) continue;
        line.remove_prefix(colon + 1);
        while (line.starts_with(' '))
            line.remove_prefix(1);
        while (line.ends_with('\r') || line.ends_with(' '))
            line.remove_suffix(1);
        return line;
    }
    return {};
}

/// The server's time when it sent the answer. An answer from a cache (RFC 9111 section 5.1) is ignored.
std::optional<sys_seconds> date_of(std::string_view head) {
    if (!header(head, "age").empty()) return std::nullopt;
    auto const now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    return base::parse_http_date(header(head, "date"), now);
}

/// Closes a connection after a time limit: a server that sends a byte now and then must not block the caller.
class watchdog {
public:
    watchdog(int socket, std::chrono::seconds at_most)
        : thread_([this, socket, at_most](std::stop_token const& stop) {
              base::mutex_lock const lock(mutex_);
              auto const over = [] { return false; };
              if (!bell_.wait_for(mutex_, stop, at_most, over) && !stop.stop_requested())
                  ::shutdown(socket, SHUT_RDWR);
          }) {}

private:
    base::mutex mutex_;
    std::condition_variable_any bell_;
    std::jthread thread_; // destroyed, and so joined, first
};

std::string ask_for_headers(SSL* ssl, endpoint const& server) {
    auto const request = "HEAD " + server.target() + " HTTP/1.1\r\nHost: " + server.authority() +
                         "\r\nUser-Agent: sts-token-doctor\r\nConnection: close\r\n\r\n";
    std::string head;
    if (SSL_write(ssl, request.data(), static_cast<int>(request.size())) <= 0) return head;
    char block[2048];
    while (head.size() < 16384) {
        auto const end = head.find("\r\n\r\n");
        if (end != std::string::npos && !head.starts_with("HTTP/1.1 1")) break;
        if (end != std::string::npos) { // an interim answer
            head.erase(0, end + 4);
            continue;
        }
        auto const got = SSL_read(ssl, block, sizeof(block));
        if (got <= 0) break;
        head.append(block, static_cast<std::size_t>(got));
    }
    return head;
}

/// The status of an answer's head; 0 if it is none.
unsigned status_of(std::string_view head) {
    if (!head.starts_with("HTTP/1.") || head.size() < 12) return 0;
    unsigned status = 0;
    std::from_chars(head.data() + 9, head.data() + 12, status);
    return status;
}

/// What is offered by ALPN (RFC 7301 section 3.1).
constexpr std::string_view both_protocols = "\x02h2\x08http/1.1", only_http1 = both_protocols.substr(3);

std::string chosen_protocol(SSL const* ssl) {
    unsigned char const* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &name, &size);
    return base::printable({reinterpret_cast<char const*>(name), size}, {}, 20); // NOLINT: OpenSSL's way
}

/// Does a handshake. Null if there is none; then `facts` has the reason.
openssl_ptr<SSL> shake_hands(SSL_CTX* context, int socket, endpoint const& server, std::string_view offered,
                             server_facts& facts) {
    openssl_ptr<SSL> ssl(context != nullptr ? SSL_new(context) : nullptr);
    auto const* const bytes = reinterpret_cast<unsigned char const*>(offered.data()); // NOLINT: OpenSSL's way
    if (!ssl || SSL_set_fd(ssl.get(), socket) != 1 ||
        SSL_set_alpn_protos(ssl.get(), bytes, static_cast<unsigned>(offered.size())) != 0)
        return nullptr;
    if (!server.is_ip_address())
        SSL_set_tlsext_host_name(ssl.get(), server.host().c_str()); // NOLINT: a macro
    ERR_clear_error();
    if (SSL_connect(ssl.get()) == 1) return ssl;
    auto const* const reason = ERR_reason_error_string(ERR_peek_error());
    facts.problem =
        std::string("TCP, but no TLS handshake: ") +
        (reason != nullptr ? reason : "the connection ended, or the server did not answer in time");
    ERR_clear_error();
    return nullptr;
}

/// Does a handshake and, unless HTTP/2 is chosen, asks for the headers.
void look_behind(int socket, endpoint const& server, std::chrono::seconds at_most, std::string_view offered,
                 server_facts& facts) {
    watchdog const bound(socket, at_most);
    openssl_ptr<SSL_CTX> const context(SSL_CTX_new(TLS_client_method()));
    auto const ssl = shake_hands(context.get(), socket, server, offered, facts);
    if (!ssl) return;
    if (offered == both_protocols) facts.protocol = chosen_protocol(ssl.get());
    facts.tls_version = SSL_get_version(ssl.get());
    if (auto const* const shown = SSL_get0_peer_certificate(ssl.get()))
        facts.shown = certificate{distinguished_name(X509_get_subject_name(shown)),
                                  distinguished_name(X509_get_issuer_name(shown)), names_of(shown),
                                  time_of(X509_get0_notBefore(shown)), time_of(X509_get0_notAfter(shown))};
    if (facts.protocol == "h2" && offered == both_protocols) {
        SSL_shutdown(ssl.get());
        return;
    }
    auto const head = ask_for_headers(ssl.get(), server);
    facts.status = status_of(head);
    facts.date = date_of(head);
    facts.asked = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    if (facts.status == 0) facts.problem = "TCP and TLS, but no HTTP/1.1 response";
    SSL_shutdown(ssl.get());
}

} // namespace

std::vector<server_facts> look_at(endpoint const& server, std::chrono::seconds at_most) {
    std::signal(SIGPIPE, SIG_IGN); // NOLINT(cert-err33-c): OpenSSL writes to the socket
    std::vector<server_facts> found;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (::getaddrinfo(server.host().c_str(), std::to_string(server.port()).c_str(), &hints, &list) != 0)
        return found;
    std::unique_ptr<addrinfo, freed> const all(list);
    for (auto const* one = list; one != nullptr && found.size() < most_addresses; one = one->ai_next) {
        auto& facts = found.emplace_back();
        facts.address = name_of(*one);
        auto const look = [&](std::string_view offered) {
            std::error_code failed;
            auto const socket = connect_to(*one, at_most, failed);
            if (!socket.is_open())
                facts.problem = "no TCP connection: " + failed.message();
            else
                look_behind(socket.get(), server, at_most, offered, facts);
        };
        look(both_protocols);
        if (facts.protocol != "h2" || !facts.problem.empty()) continue;
        look(only_http1); // which the headers are asked by
        facts.problem.clear();
    }
    return found;
}

} // namespace equinix::sts::tool::doctor
