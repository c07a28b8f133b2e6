// What a step of an HTTP session needs next.
#pragma once

namespace equinix::sts::net {

enum class session_step {
    want_read,  ///< call again when the socket is readable
    want_write, ///< call again when the socket is readable or writable
    done,       ///< the handshake or the answer is complete
    failed      ///< see `failure()`
};

} // namespace equinix::sts::net
