/// \file
/// Which authorities a client trusts, and which certificate it presents.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/secret.hpp>

#include <functional>
#include <string>

namespace equinix::sts {

/// The members of `client_options::tls`, checked with it. TLS 1.2 and 1.3; names are checked by RFC 9525.
struct EQUINIX_STS_DECL tls_options {
    tls_options() = default;

    /// A PEM file of the authorities to trust *instead of* the system's. Read when the client is constructed,
    /// and again by `client::reload_certificates()`; at most 16 MiB, without a private key. An intermediate
    /// authority needs no root in the file; if the root is there too, its constraints apply. A server's own
    /// certificate in it is trusted by itself only if it is self-signed. A `TRUSTED CERTIFICATE` is trusted
    /// only if its settings allow it to vouch for servers; otherwise no path may lead through it. Default:
    /// none; then the system's authorities are trusted, or those that the variables `SSL_CERT_FILE` and
    /// `SSL_CERT_DIR` name if they are set and not empty. At least one of these variables must then lead to
    /// an authority.
    std::string ca_file;

    /// A folder of such files, under any names. Files in it that hold no certificate are ignored. Default:
    /// none.
    std::string ca_directory;

    /// The same as text in memory. If several of the three are given, all are trusted.
    std::string ca_pem;

    /// The client's own certificate, for a service that requests one (mutual TLS), as a PEM file: the
    /// certificate, followed by its intermediates. The file may also hold the private key, at any place. Read
    /// when the client is constructed, and by `reload_certificates()`. Default: none.
    std::string client_certificate_file;

    /// The private key of this certificate, as a PEM file; may be encrypted. Default: none; then the key is
    /// read from the same file or text as the certificate.
    std::string client_key_file;

    /// The certificate as text in memory, in place of the file. It may hold the key too, but only
    /// `client_key_pem` is wiped.
    std::string client_certificate_pem;

    /// The key as text in memory, in place of its file.
    secret client_key_pem;

    /// Called for the passphrase of an encrypted key, each time the key is read. The passphrase has at most
    /// 1,024 bytes. Default: none; then an encrypted key is refused.
    std::function<secret()> client_key_passphrase;

    /// Disables the verification of the server's certificate: an attacker on the network path can then read
    /// the subject token. For a laboratory only; `stats::insecure` reports it. Default false.
    bool insecure_skip_verification = false;
};

} // namespace equinix::sts
