// What a TLS context says to settings, and an identity for them.
#pragma once

#include "net/tls_context.hpp"
#include "support/refused.hpp"
#include "testing/certificates.hpp"

#include <equinix/sts/tls_options.hpp>

#include <string>

namespace test {

/// The text of the error with which these settings are refused.
inline std::string refused(equinix::sts::tls_options const& settings) {
    return refusal([&] { equinix::sts::net::tls_context const made(settings); });
}

/// The option that the error names.
inline std::string option_of(equinix::sts::tls_options const& settings) {
    return refused_by([&] { equinix::sts::net::tls_context const made(settings); }).option;
}

inline equinix::sts::testing::server_identity const& identity() {
    static equinix::sts::testing::server_identity const made =
        equinix::sts::testing::make_server_identity({"client.test"});
    return made;
}

} // namespace test
