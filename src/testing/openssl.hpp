// Owners for OpenSSL's objects.
#pragma once

#include "base/openssl_failure.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/conf.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace equinix::sts::testing {

struct openssl_deleter {
    void operator()(ASN1_STRING* p) const noexcept { ASN1_STRING_free(p); }
    void operator()(BIO* p) const noexcept { BIO_free(p); }
    void operator()(BIGNUM* p) const noexcept { BN_free(p); }
    void operator()(CONF* p) const noexcept { NCONF_free(p); }
    void operator()(ECDSA_SIG* p) const noexcept { ECDSA_SIG_free(p); }
    void operator()(EVP_MD_CTX* p) const noexcept { EVP_MD_CTX_free(p); }
    void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
    void operator()(GENERAL_NAME* p) const noexcept { GENERAL_NAME_free(p); }
    void operator()(GENERAL_NAMES* p) const noexcept { GENERAL_NAMES_free(p); }
    void operator()(X509* p) const noexcept { X509_free(p); }
    void operator()(X509_EXTENSION* p) const noexcept { X509_EXTENSION_free(p); }
    void operator()(X509_NAME* p) const noexcept { X509_NAME_free(p); }
};

template <class T>
using owned = std::unique_ptr<T, openssl_deleter>;

/// Returns the call's result, or throws if OpenSSL fails.
template <class T>
T* must(T* result, char const* what) {
    if (result == nullptr) base::fail_by_openssl(what);
    return result;
}

inline void must(int result, char const* what) {
    if (result <= 0) base::fail_by_openssl(what);
}

} // namespace equinix::sts::testing
