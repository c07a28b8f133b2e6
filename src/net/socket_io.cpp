#include "net/socket_io.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace equinix::sts::net {

ssize_t send_some(socket_state& state, char const* data, std::size_t size) noexcept {
    ssize_t sent = 0;
    do {
        sent = ::send(state.descriptor, data, size, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent > 0) state.traffic.sent += static_cast<std::uint64_t>(sent);
    return sent;
}

ssize_t receive_some(socket_state& state, char* data, std::size_t size) noexcept {
    ssize_t received = 0;
    do {
        received = ::recv(state.descriptor, data, size, 0);
    } while (received < 0 && errno == EINTR);
    if (received > 0) state.traffic.received += static_cast<std::uint64_t>(received);
    state.drained = received > 0 ? static_cast<std::size_t>(received) < size : received < 0 && would_block();
    return received;
}

bool nothing_waits(socket_state const& state) noexcept {
    char next = 0;
    return ::recv(state.descriptor, &next, 1, MSG_PEEK) < 0 && would_block();
}

bool would_block() noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

} // namespace equinix::sts::net
