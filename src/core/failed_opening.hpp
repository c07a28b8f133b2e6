// What follows when a connection could not be opened: decisions only.
#pragma once

#include <equinix/sts/error.hpp>

#include <algorithm>
#include <cstddef>

namespace equinix::sts::core {

/// How the same connection is opened again at once. That is no failure to those who wait for it.
enum class reopening : unsigned char {
    none,            ///< not: the opening has failed
    without_session, ///< with a full handshake
    elsewhere        ///< at another address
};

struct failed_opening {
    bool timed_out = false;
    bool by_proxy = false;          ///< through a proxy, whose addresses these are
    bool session_offered = false;   ///< a TLS session was to be resumed
    bool has_other_address = false; ///< one that is not avoided
    unsigned replaced = 0;          ///< how many this connection has replaced
    std::size_t addresses = 1;      ///< of the host
};

/// Whether the failure may be due to the address. Behind a proxy, its own address is to blame only for what
/// the proxy itself did.
inline bool blames_address(error_info const& why, failed_opening const& how) noexcept {
    return how.by_proxy ? why.phase == phase::proxy && why.retryable() : why.phase == phase::tls;
}

/// A server that no longer takes a session may refuse, or close, instead of falling back to a full handshake
/// (RFC 8446 section 4.1.1 expects it to). A timeout is not tried again at once: it has taken its time.
inline reopening after_failed_opening(error_info const& why, failed_opening const& how) noexcept {
    // A full handshake at one address, and each of the others once.
    if (how.timed_out || how.replaced >= std::max<std::size_t>(how.addresses, 1)) return reopening::none;
    bool const certificate = why.code.category() == certificate_category();
    if (why.phase == phase::tls && how.session_offered && !certificate) return reopening::without_session;
    return blames_address(why, how) && how.has_other_address ? reopening::elsewhere : reopening::none;
}

} // namespace equinix::sts::core
