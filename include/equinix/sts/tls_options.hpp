/// \file
/// What the TLS connections of a client trust and show.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/secret.hpp>

#include <functional>
#include <string>

namespace equinix::sts {

/// The members of `client_options::tls`, checked with it. TLS 1.2 and 1.3; names are checked by RFC 9525.
struct EQUINIX_STS_DECL tls_options {
    tls_options() = default;

    /// A PEM file of the authorities to trust *instead of* the system's. Read when the client is made, and
    /// again by `client::reload_certificates()`; at most 16 MiB, without a private key. One that issues
    /// certificates needs no root above it here; where that is here, what it demands holds too. A server's
    /// own certificate is trusted by itself only where it is self-signed. A `TRUSTED CERTIFICATE` counts
    /// where its settings let it vouch for servers, and else no path leads through it. Default: none, the
    /// system's authorities are trusted: those of the variables `SSL_CERT_FILE` and `SSL_CERT_DIR` where they
    /// are set and not empty; at least one of these must then lead to an authority.
    std::string ca_file;

    /// The same as a folder of such files, with names of any kind; what is in it and no certificate is passed
    /// over. Default: none.
    std::string ca_directory;

    /// The same as text in memory. Several of the three may be given: then all are trusted.
    std::string ca_pem;

    /// Our own certificate for a service that asks for one (mutual TLS), as a PEM file: the certificate, then
    /// those between it and its authority. The file may hold the private key too, before, between or behind
    /// them. Read when the client is made and by `reload_certificates()`. Default: none.
    std::string client_certificate_file;

    /// The private key that belongs to it, as a PEM file; may be encrypted. Default: none; the key is looked
    /// for where the certificate is.
    std::string client_key_file;

    /// The certificate as text in memory, in place of the file. It may hold the key too, but is not wiped:
    /// `client_key_pem` is.
    std::string client_certificate_pem;

    /// The key likewise.
    secret client_key_pem;

    /// Called for the passphrase of an encrypted key, each time it is read; at most 1,024 bytes. Default:
    /// none, and nobody is asked: such a key is refused.
    std::function<secret()> client_key_passphrase;

    /// Switches the verification of the server's certificate off: whoever is on the way can then take the
    /// subject token. For a laboratory only; `stats::insecure` tells that it is so. Default false.
    bool insecure_skip_verification = false;
};

} // namespace equinix::sts
