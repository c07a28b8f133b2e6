// TLS records that no TLS library would write, in the name of a server whose handshake is complete.
#pragma once

#include "support/tls_peer.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace test {

/// Writes with the server's own keys of AES-128-GCM. The server itself must write nothing after the
/// handshake: of TLS 1.3 it has no tickets to give.
class record_forger {
public:
    explicit record_forger(tls_peer& peer);

    /// The next record of the type (alert 21, handshake 22, application data 23).
    std::string record(unsigned char type, std::string_view content);

    std::string alert(unsigned char level, unsigned char description);

private:
    bool tls_1_3_;
    std::string key_;
    std::string salt_; ///< of TLS 1.3 the whole initialisation vector
    std::uint64_t sequence_;
};

} // namespace test
