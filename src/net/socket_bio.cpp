#include "net/socket_bio.hpp"

#include <sys/socket.h>
#include <sys/types.h>

#include <cerrno>

namespace equinix::sts::net {
namespace {

/// Turns the result of a system call into what OpenSSL expects.
int finish(BIO* bio, socket_state& state, ssize_t transferred, int retry_flag, std::size_t* count) {
    BIO_clear_retry_flags(bio);
    if (transferred > 0) {
        *count = static_cast<std::size_t>(transferred);
        return 1;
    }
    *count = 0;
    if (transferred == 0) {
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        BIO_set_flags(bio, retry_flag | BIO_FLAGS_SHOULD_RETRY);
    } else {
        state.error = errno;
    }
    return 0;
}

int write(BIO* bio, char const* data, std::size_t size, std::size_t* count) {
    auto& state = *static_cast<socket_state*>(BIO_get_data(bio));
    ssize_t sent = 0;
    do {
        sent = ::send(state.descriptor, data, size, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent > 0) state.traffic.sent += static_cast<std::uint64_t>(sent);
    return finish(bio, state, sent, BIO_FLAGS_WRITE, count);
}

int read(BIO* bio, char* data, std::size_t size, std::size_t* count) {
    auto& state = *static_cast<socket_state*>(BIO_get_data(bio));
    if (state.deaf) {
        BIO_clear_retry_flags(bio);
        *count = 0;
        return 0;
    }
    ssize_t received = 0;
    do {
        received = ::recv(state.descriptor, data, size, 0);
    } while (received < 0 && errno == EINTR);
    if (received > 0) state.traffic.received += static_cast<std::uint64_t>(received);
    return finish(bio, state, received, BIO_FLAGS_READ, count);
}

long control(BIO* bio, int command, long, void*) {
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_EOF:
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    default:
        return 0;
    }
}

} // namespace

BIO_METHOD* make_socket_bio_method() noexcept {
    auto* const method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "equinix-sts socket");
    if (method == nullptr) return nullptr;
    BIO_meth_set_write_ex(method, write);
    BIO_meth_set_read_ex(method, read);
    BIO_meth_set_ctrl(method, control);
    return method;
}

BIO* make_socket_bio(BIO_METHOD const* method, socket_state& state) noexcept {
    auto* const bio = BIO_new(method);
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, &state);
    BIO_set_init(bio, 1);
    return bio;
}

} // namespace equinix::sts::net
