#include "client/socket_watch.hpp"

#include "base/descriptor.hpp"

#include <boost/system/system_error.hpp>

#include <cerrno>

namespace equinix::sts::client_detail {
namespace {

constexpr std::uint32_t reading = EPOLLIN | EPOLLRDHUP | EPOLLET;

int new_set() {
    auto const set = ::epoll_create1(EPOLL_CLOEXEC);
    if (set < 0) throw boost::system::system_error(errno, boost::system::system_category());
    return set;
}

} // namespace

socket_watch::socket_watch(boost::asio::any_io_executor const& executor) : set_(executor), timer_(executor) {
    base::descriptor made(new_set());
    set_.assign(made.get());
    made.release();
}

bool socket_watch::add(int socket, void* whose) noexcept {
    epoll_event event{};
    event.events = reading;
    event.data.ptr = whose;
    if (::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, socket, &event) != 0) return false;
    ++watched_;
    return true;
}

void socket_watch::renew(int socket, void* whose, bool writable) noexcept {
    change(socket, whose, writable ? reading | EPOLLOUT : reading);
}

void socket_watch::silence(int socket, void* whose) noexcept {
    change(socket, whose, EPOLLET);
}

void socket_watch::change(int socket, void* whose, std::uint32_t events) noexcept {
    epoll_event event{};
    event.events = events;
    event.data.ptr = whose;
    [[maybe_unused]] auto const done = ::epoll_ctl(set_.native_handle(), EPOLL_CTL_MOD, socket, &event);
    BOOST_ASSERT(done == 0);
}

void socket_watch::remove(int socket) noexcept {
    BOOST_ASSERT(watched_ != 0);
    --watched_;
    ::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, socket, nullptr);
}

std::span<epoll_event const> socket_watch::look() noexcept {
    auto const found = ::epoll_wait(set_.native_handle(), found_.data(), static_cast<int>(found_.size()), 0);
    return {found_.data(), static_cast<std::size_t>(found > 0 ? found : 0)};
}

} // namespace equinix::sts::client_detail
