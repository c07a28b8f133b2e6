// libcurl's multi interface with epoll, as its documentation has it for many transfers: an easy handle a
// connection, used again for each exchange.
#include "peers/peer.hpp"

#include <curl/curl.h>
#include <sys/epoll.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace equinix::sts::bench; // NOLINT: one file, one program
using clock_type = measurement::clock;

[[noreturn]] void die(char const* what) {
    std::cerr << "libcurl: " << what << '\n';
    std::exit(1); // NOLINT: one thread
}

struct transfer {
    CURL* easy = nullptr;
    std::string answer;
    equinix::sts::base::wiped_buffer form;
    clock_type::time_point begun;
};

class curl_client {
public:
    explicit curl_client(peer_arguments what)
        : what_(std::move(what)), all_("libcurl", what_), epoll_(::epoll_create1(0)),
          multi_(::curl_multi_init()) {
        curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, watch);
        curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
        curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, set_timer);
        curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(what_.connections));
        if (is_http2()) {
            constexpr unsigned streams = 100; // as ours
            curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
            curl_multi_setopt(multi_, CURLMOPT_MAX_CONCURRENT_STREAMS, static_cast<long>(streams));
            curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS,
                              static_cast<long>((what_.connections + streams - 1) / streams));
        }
        headers_ = curl_slist_append(headers_, "Accept: application/json");
        headers_ = curl_slist_append(headers_, "Expect:");
        transfers_.resize(what_.connections);
    }

    int run() {
        prepare(transfers_[0]);
        begin(transfers_[0]);
        loop(1);
        all_.first();
        for (std::size_t i = 1; i < transfers_.size(); ++i) {
            prepare(transfers_[i]);
            begin(transfers_[i]);
        }
        loop(what_.connections);
        all_.open();
        if (what_.mode == "idle") return all_.close();
        measuring_ = true;
        left_ = what_.exchanges;
        for (auto& it : transfers_) {
            if (left_ == 0) break;
            --left_;
            begin(it);
        }
        loop(what_.connections + what_.exchanges);
        return all_.close();
    }

private:
    bool is_http2() const { return what_.http == "2"; }

    void prepare(transfer& it) {
        it.easy = ::curl_easy_init();
        curl_easy_setopt(it.easy, CURLOPT_URL, what_.url.c_str());
        curl_easy_setopt(it.easy, CURLOPT_CAINFO, what_.ca_file.c_str());
        curl_easy_setopt(it.easy, CURLOPT_HTTP_VERSION,
                         is_http2() ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
        if (is_http2()) curl_easy_setopt(it.easy, CURLOPT_PIPEWAIT, 1L);
        curl_easy_setopt(it.easy, CURLOPT_HTTPHEADER, headers_);
        curl_easy_setopt(it.easy, CURLOPT_TCP_NODELAY, 1L);
        curl_easy_setopt(it.easy, CURLOPT_TIMEOUT, 30L);
        curl_easy_setopt(it.easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(it.easy, CURLOPT_WRITEFUNCTION, keep);
        curl_easy_setopt(it.easy, CURLOPT_WRITEDATA, &it);
        curl_easy_setopt(it.easy, CURLOPT_PRIVATE, &it);
    }

    void begin(transfer& it) {
        it.begun = clock_type::now();
        it.answer.clear();
        encode_form(what_, it.form);
        curl_easy_setopt(it.easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(it.form.size()));
        curl_easy_setopt(it.easy, CURLOPT_POSTFIELDS, it.form.data());
        ::curl_multi_add_handle(multi_, it.easy);
    }

    void loop(std::uint64_t goal) {
        std::array<epoll_event, 128> events{};
        int running = 0;
        while (done_ < goal) {
            auto const wait = timeout_ms_ < 0 ? 1000 : static_cast<int>(timeout_ms_);
            auto const count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait);
            if (count == 0) {
                timeout_ms_ = -1;
                ::curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
            }
            for (int i = 0; i < count; ++i) {
                auto const& event = events[static_cast<std::size_t>(i)];
                auto const which = ((event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                                   ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0);
                ::curl_multi_socket_action(multi_, event.data.fd, which, &running);
            }
            finish();
        }
    }

    void finish() {
        int queued = 0;
        while (auto* const message = ::curl_multi_info_read(multi_, &queued)) {
            if (message->msg != CURLMSG_DONE) continue;
            auto const result = message->data.result;
            auto* const easy = message->easy_handle;
            transfer* it = nullptr;
            long status = 0;
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, &it);
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            ::curl_multi_remove_handle(multi_, easy);
            bool const good = result == CURLE_OK && status == 200 && reader_.read(it->answer);
            ++done_;
            if (!measuring_) {
                if (!good) die("not a token response");
                all_.handshake(false);
                continue;
            }
            all_.add(it->begun, clock_type::now(), good);
            if (left_ == 0) continue;
            --left_;
            begin(*it);
        }
    }

    static std::size_t keep(char* data, std::size_t size, std::size_t count, void* to) {
        static_cast<transfer*>(to)->answer.append(data, size * count);
        return size * count;
    }

    static int watch(CURL*, curl_socket_t socket, int what, void* self_pointer, void* known) {
        auto& self = *static_cast<curl_client*>(self_pointer);
        if (what == CURL_POLL_REMOVE) {
            ::epoll_ctl(self.epoll_, EPOLL_CTL_DEL, socket, nullptr);
            curl_multi_assign(self.multi_, socket, nullptr);
            return 0;
        }
        epoll_event event{};
        event.data.fd = socket;
        event.events =
            ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
        ::epoll_ctl(self.epoll_, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
        curl_multi_assign(self.multi_, socket, &self);
        return 0;
    }

    static int set_timer(CURLM*, long timeout_ms, void* self) {
        static_cast<curl_client*>(self)->timeout_ms_ = timeout_ms;
        return 0;
    }

    peer_arguments const what_;
    measurement all_;
    int epoll_;
    CURLM* multi_;
    curl_slist* headers_ = nullptr;
    std::vector<transfer> transfers_;
    token_reader reader_;
    long timeout_ms_ = 0;
    bool measuring_ = false;
    std::uint64_t done_ = 0, left_ = 0;
};

} // namespace

int main(int argc, char** argv) {
    ::curl_global_init(CURL_GLOBAL_DEFAULT);
    return curl_client(read_arguments({argv + 1, argv + argc})).run();
}
