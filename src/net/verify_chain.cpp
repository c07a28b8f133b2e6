#include "net/verify_chain.hpp"

#include "net/openssl_ptr.hpp"

#include <openssl/x509v3.h>

#include <string_view>

namespace equinix::sts::net {
namespace {

/// Whether an authority's name constraints exclude the host itself: OpenSSL compares them with the names in
/// the server's certificate alone, and `*.example.com` is not among the names below `sts.example.com`.
bool excludes(X509* authority, std::string_view host) {
    std::unique_ptr<NAME_CONSTRAINTS, decltype(&NAME_CONSTRAINTS_free)> const constraints(
        static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(authority, NID_name_constraints, nullptr, nullptr)),
        NAME_CONSTRAINTS_free);
    if (!constraints) return false;
    openssl_ptr<X509> const named(X509_new()); // a certificate of that name and nothing else
    auto const* const name = reinterpret_cast<unsigned char const*>(host.data()); // NOLINT: OpenSSL's type
    return !named ||
           X509_NAME_add_entry_by_NID(X509_get_subject_name(named.get()), NID_commonName, MBSTRING_ASC, name,
                                      static_cast<int>(host.size()), -1, 0) != 1 ||
           NAME_CONSTRAINTS_check_CN(named.get(), constraints.get()) == X509_V_ERR_EXCLUDED_VIOLATION;
}

} // namespace

int verify_chain(X509_STORE_CTX* verification, void*) noexcept {
    auto const verified = X509_verify_cert(verification);
    auto const* const host = X509_VERIFY_PARAM_get0_host(X509_STORE_CTX_get0_param(verification), 0);
    if (verified != 1 || host == nullptr) return verified;
    auto* const chain = X509_STORE_CTX_get0_chain(verification);
    for (int i = 1; i < sk_X509_num(chain); ++i) {
        if (!excludes(sk_X509_value(chain, i), host)) continue;
        X509_STORE_CTX_set_error(verification, X509_V_ERR_EXCLUDED_VIOLATION);
        X509_STORE_CTX_set_error_depth(verification, i);
        return 0;
    }
    return 1;
}

} // namespace equinix::sts::net
