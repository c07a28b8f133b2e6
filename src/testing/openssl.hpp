// Owners for OpenSSL's objects.
#pragma once

#include "base/openssl_failure.hpp"
#include "base/openssl_ptr.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/conf.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace equinix::sts::testing {

struct openssl_deleter : base::openssl_deleter {
    using base::openssl_deleter::operator();
    void operator()(ASN1_STRING* p) const noexcept { ASN1_STRING_free(p); }
    void operator()(CONF* p) const noexcept { NCONF_free(p); }
    void operator()(GENERAL_NAME* p) const noexcept { GENERAL_NAME_free(p); }
    void operator()(GENERAL_NAMES* p) const noexcept { GENERAL_NAMES_free(p); }
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
