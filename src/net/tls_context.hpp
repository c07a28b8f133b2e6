// The TLS settings that all connections of a client share.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace equinix::sts::net {

struct ssl_deleter {
    void operator()(SSL_CTX* p) const noexcept { SSL_CTX_free(p); }
    void operator()(SSL* p) const noexcept { SSL_free(p); }
    void operator()(BIO* p) const noexcept { BIO_free(p); }
    void operator()(BIO_METHOD* p) const noexcept { BIO_meth_free(p); }
    void operator()(X509* p) const noexcept { X509_free(p); }
};

template <class T>
using ssl_ptr = std::unique_ptr<T, ssl_deleter>;

/// Immutable once made; any number of threads may make streams of it.
class tls_context {
public:
    /// Trusts the authorities of the file and the text, or the system's when both are empty. Throws `error`
    /// of kind `config` when they cannot be used, by the file's path, never by its content.
    tls_context(std::string const& ca_file, std::string const& ca_pem);

    SSL_CTX* native() const noexcept { return context_.get(); }

    /// The transport beneath each stream: OpenSSL's own would let SIGPIPE through.
    BIO_METHOD const* transport() const noexcept { return transport_.get(); }

private:
    ssl_ptr<SSL_CTX> context_;
    ssl_ptr<BIO_METHOD> transport_;
};

} // namespace equinix::sts::net
