// Private keys in PEM texts, encrypted or not.
#pragma once

#include "base/openssl_ptr.hpp"

#include <equinix/sts/secret.hpp>

#include <exception>
#include <functional>
#include <string_view>

namespace equinix::sts::base {

/// Asks a user's callback for a passphrase, once, where OpenSSL does not tell why it failed.
class passphrase_request {
public:
    /// `ask` may be empty, and must outlive this object.
    explicit passphrase_request(std::function<secret()> const& ask) : ask_(&ask) {}

    /// For OpenSSL: a `pem_password_cb` whose last argument is a `passphrase_request`.
    static int give(char* into, int size, int, void* request) noexcept;

    /// Whether OpenSSL has asked.
    bool was_asked() const noexcept { return asked_; }

    /// Throws what the callback has thrown, if it has.
    void rethrow() const {
        if (thrown_) std::rethrow_exception(thrown_);
    }

private:
    std::function<secret()> const* ask_;
    secret given_;
    bool asked_ = false;
    std::exception_ptr thrown_;
};

/// Lets OpenSSL read a text, which must outlive what is returned.
openssl_ptr<BIO> reader(std::string_view text);

/// The first private key of a PEM text; null if it has none or the key cannot be decrypted, which the request
/// tells apart.
openssl_ptr<EVP_PKEY> read_private_key(std::string_view pem, passphrase_request& passphrase);

} // namespace equinix::sts::base
