// What the TLS connections of a client trust and present.
#pragma once

#include <equinix/sts/secret.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace equinix::sts {
struct client_options;
}

namespace equinix::sts::net {

/// The members of `client_options` with the same names.
struct tls_settings {
    std::chrono::nanoseconds read_timeout =
        std::chrono::seconds(30); ///< for a file that is a pipe or a device
    std::string ca_file, ca_directory, ca_pem;
    std::string client_certificate_file, client_certificate_pem, client_key_file;
    secret client_key_pem;
    std::function<secret()> client_key_passphrase;
    bool insecure = false;
};

tls_settings tls_settings_of(client_options const& options);

} // namespace equinix::sts::net
