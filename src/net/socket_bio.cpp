#include "net/socket_bio.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

namespace equinix::sts::net {
namespace {

/// Converts the result of a system call into what OpenSSL expects.
int finish(BIO* bio, socket_state& state, ssize_t transferred, int retry_flag, std::size_t* count) {
    BIO_clear_retry_flags(bio);
    if (transferred > 0) {
        *count = static_cast<std::size_t>(transferred);
        return 1;
    }
    *count = 0;
    if (transferred == 0) {
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    } else if (would_block()) {
        BIO_set_flags(bio, retry_flag | BIO_FLAGS_SHOULD_RETRY);
    } else {
        state.error = errno;
    }
    return 0;
}

int write(BIO* bio, char const* data, std::size_t size, std::size_t* count) {
    auto& state = *static_cast<socket_input*>(BIO_get_data(bio))->socket;
    return finish(bio, state, send_some(state, data, size), BIO_FLAGS_WRITE, count);
}

int read(BIO* bio, char* data, std::size_t size, std::size_t* count) {
    auto& input = *static_cast<socket_input*>(BIO_get_data(bio));
    auto& state = *input.socket;
    BIO_clear_retry_flags(bio);
    *count = 0;
    if (state.deaf) return 0;
    if (input.waiting.empty()) {
        if (input.closed || input.block.empty()) {
            BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY);
            return 0;
        }
        std::size_t received = 0;
        auto const got = receive_some(state, input.block.data(), input.block.size());
        if (finish(bio, state, got, BIO_FLAGS_READ, &received) == 0) return 0;
        input.waiting = input.block.first(received);
    }
    *count = std::min(size, input.waiting.size());
    std::memcpy(data, input.waiting.data(), *count);
    input.waiting = input.waiting.subspan(*count);
    return 1;
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

receiving::~receiving() {
    input_.block = {};
    if (!is_kept()) input_.waiting = {};
}

bool receiving::is_kept() const noexcept {
    auto const* const at = input_.waiting.data();
    auto const* const begin = input_.kept.data();
    return !input_.waiting.empty() && !std::less<>()(at, begin) &&
           std::less<>()(at, begin + input_.kept.size());
}

void receiving::keep_rest() {
    if (is_kept()) return;
    std::vector<char> rest(input_.waiting.begin(), input_.waiting.end());
    input_.kept.swap(rest);
    input_.waiting = input_.kept;
}

BIO_METHOD* make_socket_bio_method() noexcept {
    auto* const method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "equinix-sts socket");
    if (method == nullptr) return nullptr;
    BIO_meth_set_write_ex(method, write);
    BIO_meth_set_read_ex(method, read);
    BIO_meth_set_ctrl(method, control);
    return method;
}

BIO* make_socket_bio(BIO_METHOD const* method, socket_input& input) noexcept {
    auto* const bio = BIO_new(method);
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, &input);
    BIO_set_init(bio, 1);
    return bio;
}

} // namespace equinix::sts::net
