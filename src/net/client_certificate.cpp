#include "net/client_certificate.hpp"

#include "base/failure.hpp"
#include "base/private_key.hpp"
#include "base/saturating.hpp"
#include "net/pem.hpp"

#include <openssl/err.h>

#include <functional>
#include <string>
#include <string_view>

namespace equinix::sts::net {
namespace {

/// A PEM that belongs to the client's identity.
struct identity_pem {
    /// `option` has no suffix; `text` is used if there is no path.
    identity_pem(std::string const& option, std::string const& path, std::string_view text,
                 base::clock::time_point deadline)
        : source(path.empty() ? pem_source{option + "_pem", option + "_pem"}
                              : file_of(option + "_file", path)),
          content(path.empty() ? base::wiped_buffer() : read_pem(option + "_file", path, deadline)),
          pem(path.empty() ? text : base::view(content)) {}
    identity_pem(identity_pem const&) = delete;
    identity_pem& operator=(identity_pem const&) = delete;

    pem_source const source;
    base::wiped_buffer const content;
    std::string_view const pem;
};

void use_certificates(SSL_CTX* context, identity_pem const& from) {
    std::size_t found = 0;
    for_each_block(from.pem, from.source, [&](pem_block const& block) {
        if (block.is_trusted_certificate())
            from.source.refuse(
                " contains a TRUSTED CERTIFICATE, which is a format of OpenSSL only: convert it with "
                "openssl x509 -in FILE -out FILE");
        auto const certificate = certificate_in(block, from.source);
        if (!certificate) return; // for example its key
        auto const taken = found++ == 0 ? SSL_CTX_use_certificate(context, certificate.get())
                                        : SSL_CTX_add1_chain_cert(context, certificate.get());
        if (taken != 1)
            from.source.refuse(" contains a certificate that cannot be used (is its key too weak?)");
    });
    if (found == 0) refuse_without_certificate(from.source);
}

/// Null when there is none.
base::openssl_ptr<EVP_PKEY> read_key(std::string_view pem, std::function<secret()> const& passphrase,
                                     pem_source const& source) {
    base::passphrase_request request(passphrase);
    auto key = base::read_private_key(pem, request);
    request.rethrow();
    if (key || !request.was_asked()) return key;
    constexpr char option[] = "client_options::tls.client_key_passphrase";
    if (!passphrase) base::refuse_option(option, source.name + " is encrypted: set " + option);
    base::refuse_option(option,
                        source.name + " cannot be decrypted: " + option + " gives a wrong passphrase");
}

void use_key(SSL_CTX* context, EVP_PKEY* key, pem_source const& source) {
    bool const fits = SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1;
    ERR_clear_error();
    if (!fits) source.refuse(" does not belong to the client certificate");
}

} // namespace

void load_client_certificate(SSL_CTX* context, tls_options const& from,
                             std::chrono::nanoseconds read_timeout) {
    bool const has_certificate =
        !from.client_certificate_file.empty() || !from.client_certificate_pem.empty();
    bool const has_key = !from.client_key_file.empty() || !from.client_key_pem.empty();
    if (!has_certificate && !has_key) return;
    if (!has_certificate)
        base::refuse("client_options::tls.client_certificate_file",
                     " is missing: the client key requires it");
    if (!from.client_certificate_file.empty() && !from.client_certificate_pem.empty())
        base::refuse("client_options::tls.client_certificate_file",
                     " and client_certificate_pem exclude each other");
    if (!from.client_key_file.empty() && !from.client_key_pem.empty())
        base::refuse("client_options::tls.client_key_file", " and client_key_pem exclude each other");

    auto const deadline = base::after(base::clock::now(), read_timeout);
    identity_pem const shown("client_options::tls.client_certificate", from.client_certificate_file,
                             from.client_certificate_pem, deadline);
    use_certificates(context, shown);
    if (has_key) {
        identity_pem const proof("client_options::tls.client_key", from.client_key_file,
                                 from.client_key_pem.reveal(), deadline);
        auto const key = read_key(proof.pem, from.client_key_passphrase, proof.source);
        if (!key) proof.source.refuse(" contains no PEM private key");
        return use_key(context, key.get(), proof.source);
    }
    pem_source const source{shown.source.option, "the key in " + shown.source.name};
    auto const key = read_key(shown.pem, from.client_key_passphrase, source);
    if (!key)
        base::refuse_option("client_options::tls.client_key_file",
                            shown.source.name + " contains no PEM private key: add it there, or set "
                                                "client_options::tls.client_key_file");
    use_key(context, key.get(), source);
}

} // namespace equinix::sts::net
