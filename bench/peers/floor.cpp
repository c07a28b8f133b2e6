// The least that the work takes: epoll and OpenSSL by hand, one thread, one write a request, an answer read
// by its Content-Length alone. No pool, no deadline, no retry, no cancellation, nothing wiped, no error told
// from another. What a library costs above this is what its users pay for those.
#include "peers/peer.hpp"

#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace equinix::sts::bench; // NOLINT: one file, one program
using clock_type = measurement::clock;

[[noreturn]] void die(char const* what) {
    std::cerr << "floor: " << what << '\n';
    std::exit(1); // NOLINT: one thread
}

struct connection {
    int descriptor = -1;
    SSL* ssl = nullptr;
    bool open = false;
    unsigned served = 0;
    std::size_t sent = 0;
    std::string request;
    std::string answer;
    clock_type::time_point begun;
};

class floor_client {
public:
    explicit floor_client(peer_arguments what)
        : what_(std::move(what)), all_("floor", what_), epoll_(::epoll_create1(0)),
          handshakes_(what_.mode == "handshake") {
        context_ = ::SSL_CTX_new(::TLS_client_method());
        SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
        if (::SSL_CTX_load_verify_locations(context_, what_.ca_file.c_str(), nullptr) != 1)
            die("no authority");
        ::SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
        SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
        SSL_CTX_set_read_ahead(context_, 1); // one read for a record, not two
        SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
        ::SSL_CTX_sess_set_new_cb(context_, keep_session);
        SSL_CTX_set_app_data(context_, this);
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        if (::getaddrinfo(what_.host.c_str(), what_.port.c_str(), &hints, &address_) != 0) die("no address");
        head_ = "POST " + what_.target + " HTTP/1.1\r\nHost: " + what_.host + ":" + what_.port +
                "\r\nUser-Agent: floor\r\nAccept: application/json\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ";
    }

    int run() {
        connections_.resize(what_.connections);
        goal_ = 1;
        connect(connections_[0]);
        loop();
        all_.first();
        goal_ = what_.connections;
        for (std::size_t i = 1; i < connections_.size(); ++i)
            connect(connections_[i]);
        loop();
        all_.open();
        if (what_.mode == "idle") return all_.close();
        measuring_ = true;
        goal_ += what_.exchanges;
        left_ = what_.exchanges;
        auto const now = clock_type::now();
        for (auto& it : connections_) {
            if (left_ == 0) break;
            --left_;
            again(it, now);
        }
        loop();
        return all_.close();
    }

private:
    void connect(connection& it) {
        if (!measuring_) it.begun = clock_type::now();
        it.descriptor = ::socket(address_->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        int const on = 1;
        ::setsockopt(it.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ::connect(it.descriptor, address_->ai_addr, address_->ai_addrlen);
        it.ssl = ::SSL_new(context_);
        ::SSL_set_fd(it.ssl, it.descriptor);
        ::SSL_set_connect_state(it.ssl);
        ::SSL_set1_host(it.ssl, what_.host.c_str());
        if (session_ != nullptr) {
            ::SSL_set_session(it.ssl, session_);
            ::SSL_SESSION_free(session_);
            session_ = nullptr;
        }
        it.open = false;
        build(it);
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.ptr = &it;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, it.descriptor, &event);
    }

    /// The whole request anew, as a program does that has another subject token each time.
    void build(connection& it) {
        encode_form(what_, body_);
        std::array<char, 20> digits{};
        auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), body_.size()).ptr;
        it.request.assign(head_);
        it.request.append(digits.data(), end);
        it.request.append("\r\n\r\n");
        it.request.append(body_.data(), body_.size());
        it.sent = 0;
    }

    void again(connection& it, clock_type::time_point now) {
        it.begun = now;
        if (handshakes_) {
            ::SSL_shutdown(it.ssl);
            ::SSL_free(it.ssl);
            ::close(it.descriptor);
            connect(it);
        } else {
            build(it);
            write(it);
        }
    }

    void write(connection& it) {
        while (it.sent < it.request.size()) {
            auto const wrote = ::SSL_write(it.ssl, it.request.data() + it.sent,
                                           static_cast<int>(it.request.size() - it.sent));
            if (wrote <= 0) return; // the edge will come
            it.sent += static_cast<std::size_t>(wrote);
        }
    }

    void ready(connection& it) {
        if (!it.open) {
            auto const shaken = ::SSL_do_handshake(it.ssl);
            if (shaken != 1) {
                auto const why = ::SSL_get_error(it.ssl, shaken);
                if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) die("the handshake failed");
                return;
            }
            it.open = true;
            all_.handshake(::SSL_session_reused(it.ssl) == 1);
            write(it);
            return;
        }
        if (it.sent < it.request.size()) write(it);
        for (;;) {
            auto const got = ::SSL_read(it.ssl, block_.data(), static_cast<int>(block_.size()));
            if (got <= 0) {
                if (::SSL_get_error(it.ssl, got) != SSL_ERROR_WANT_READ) die("the connection failed");
                return;
            }
            std::string_view received(block_.data(), static_cast<std::size_t>(got));
            if (!it.answer.empty()) {
                it.answer.append(received);
                received = it.answer;
            }
            auto const head_end = received.find("\r\n\r\n");
            auto const length_at = received.find("Content-Length: ");
            if (head_end != std::string_view::npos && length_at < head_end) {
                std::size_t length = 0;
                std::from_chars(received.data() + length_at + 16, received.data() + head_end, length);
                if (received.size() >= head_end + 4 + length) {
                    answered(it, received, head_end + 4, length);
                    return;
                }
            }
            if (it.answer.empty()) it.answer.assign(received);
        }
    }

    void answered(connection& it, std::string_view answer, std::size_t body_at, std::size_t length) {
        bool const good = answer.starts_with("HTTP/1.1 200") && reader_.read(answer.substr(body_at, length));
        it.answer.clear();
        ++done_;
        auto const now = clock_type::now();
        if (!measuring_) {
            if (!good) die("not a token response");
            return;
        }
        all_.add(it.begun, now, good);
        if (left_ == 0) return;
        --left_;
        again(it, now);
    }

    void loop() {
        std::array<epoll_event, 128> events{};
        while (done_ < goal_) {
            auto const count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < count; ++i)
                ready(*static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr));
        }
    }

    static int keep_session(SSL* ssl, SSL_SESSION* session) {
        auto& self = *static_cast<floor_client*>(SSL_CTX_get_app_data(::SSL_get_SSL_CTX(ssl)));
        ::SSL_SESSION_free(self.session_);
        self.session_ = session;
        return 1;
    }

    peer_arguments const what_;
    measurement all_;
    int epoll_;
    bool const handshakes_;
    bool measuring_ = false;
    SSL_CTX* context_ = nullptr;
    SSL_SESSION* session_ = nullptr;
    addrinfo* address_ = nullptr;
    std::string head_;
    equinix::sts::base::wiped_buffer body_;
    std::vector<connection> connections_;
    std::array<char, 16384> block_{};
    token_reader reader_;
    std::uint64_t done_ = 0, goal_ = 0, left_ = 0;
};

} // namespace

int main(int argc, char** argv) {
    return floor_client(read_arguments({argv + 1, argv + argc})).run();
}
