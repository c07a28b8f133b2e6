// Many sockets under one wait of Asio: an epoll set of their own.
//
// Asio makes a system call for each wait for a socket. A socket in this set is registered once, and one look
// finds all that have received something: this pays where many do at a time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/assert.hpp>

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace equinix::sts::client_detail {

/// To be used by one thread at a time.
class socket_watch {
public:
    /// Throws `boost::system::system_error` when the system has no descriptor left.
    explicit socket_watch(boost::asio::any_io_executor const& executor);

    /// Watches a socket from now on, and finds what it has received already. `whose` is what `look` returns
    /// for it. Returns false when the system has no memory left.
    bool add(int socket, void* whose) noexcept;

    /// Finds again what a watched socket has to report, and with `writable` also that it can be written to.
    void renew(int socket, void* whose, bool writable) noexcept;

    /// Reports nothing of a socket until it is renewed.
    void silence(int socket, void* whose) noexcept;

    /// To be called before the socket is closed.
    void remove(int socket) noexcept;

    bool is_empty() const noexcept { return watched_ == 0; }

    /// The sockets that have something new to report. Never waits. The result is valid until the next look.
    std::span<epoll_event const> look() noexcept;

    /// Calls `handler(error_code)` when a look would find something, or when the set is destroyed. Throws
    /// `std::bad_alloc`.
    template <class Handler>
    void async_wait(Handler handler) {
        set_.async_wait(boost::asio::posix::descriptor_base::wait_read, std::move(handler));
    }
    /// Calls `handler(error_code)` after this time, or when the set is destroyed. One at a time. Throws
    /// `std::bad_alloc`.
    template <class Handler>
    void async_rest(std::chrono::nanoseconds span, Handler handler) {
        timer_.expires_after(span);
        timer_.async_wait(std::move(handler));
    }
    static constexpr std::size_t most_at_once = 64;

private:
    void change(int socket, void* whose, std::uint32_t events) noexcept;

    boost::asio::posix::stream_descriptor set_;
    boost::asio::steady_timer timer_;
    std::size_t watched_ = 0;
    std::array<epoll_event, most_at_once> found_{};
};

} // namespace equinix::sts::client_detail
