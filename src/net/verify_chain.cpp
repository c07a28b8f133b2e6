#include "net/verify_chain.hpp"

#include "base/openssl_bytes.hpp"
#include "base/openssl_ptr.hpp"

#include <openssl/x509v3.h>

#include <string_view>

namespace equinix::sts::net {
namespace {

using certificates = STACK_OF(X509);

/// Whether an authority's name constraints exclude the host itself. OpenSSL compares them only with the names
/// in the server's certificate, and `*.example.com` is not among the names below `sts.example.com`.
bool excludes(X509* authority, std::string_view host) {
    std::unique_ptr<NAME_CONSTRAINTS, decltype(&NAME_CONSTRAINTS_free)> const constraints(
        static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(authority, NID_name_constraints, nullptr, nullptr)),
        NAME_CONSTRAINTS_free);
    if (!constraints) return false;
    base::openssl_ptr<X509> const named(X509_new()); // a certificate with just that name
    auto const* const name = base::bytes_of(host);
    return !named ||
           X509_NAME_add_entry_by_NID(X509_get_subject_name(named.get()), NID_commonName, MBSTRING_ASC, name,
                                      static_cast<int>(host.size()), -1, 0) != 1 ||
           NAME_CONSTRAINTS_check_CN(named.get(), constraints.get()) == X509_V_ERR_EXCLUDED_VIOLATION;
}

void free_list(STACK_OF(ASN1_OBJECT) * list) noexcept {
    sk_ASN1_OBJECT_free(list);
}

/// Whether the policies that a path's certificates require are present. OpenSSL takes the last certificate
/// for an anchor, which requires none; with a null after it, it is treated like the others.
int fault_of_policies(certificates* chain) {
    std::unique_ptr<STACK_OF(ASN1_OBJECT), decltype(&free_list)> const any(sk_ASN1_OBJECT_new_null(),
                                                                           free_list);
    if (!any || sk_ASN1_OBJECT_push(any.get(), OBJ_nid2obj(NID_any_policy)) == 0 ||
        sk_X509_push(chain, nullptr) == 0)
        return X509_V_ERR_OUT_OF_MEM;
    X509_POLICY_TREE* tree = nullptr;
    int explicit_policy = 0;
    auto const judged = X509_policy_check(&tree, &explicit_policy, chain, any.get(), 0);
    X509_policy_tree_free(tree);
    sk_X509_pop(chain);
    switch (judged) {
    case X509_PCY_TREE_INTERNAL:
        return X509_V_ERR_OUT_OF_MEM;
    case X509_PCY_TREE_INVALID:
        return X509_V_ERR_INVALID_POLICY_EXTENSION;
    case X509_PCY_TREE_FAILURE:
        return X509_V_ERR_NO_EXPLICIT_POLICY;
    default:
        return X509_V_OK;
    }
}

/// A path may end at an authority of ours that is not a root, if the issuer of that one is missing.
int end_at_ours(int ok, X509_STORE_CTX* verification) {
    if (ok == 1 || X509_STORE_CTX_get_error(verification) != X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT) return ok;
    X509_STORE_CTX_set_error(verification, X509_V_OK);
    return 1;
}

/// What disqualifies the last certificate of a path as its anchor. One that is not a root must satisfy the
/// same conditions as intermediate certificates.
int fault_of_anchor(X509_STORE_CTX* verification, certificates* chain) {
    auto const last = sk_X509_num(chain) - 1;
    auto* const anchor = sk_X509_value(chain, last);
    bool const is_root = X509_self_signed(anchor, 0) == 1;
    bool const is_ours = X509_STORE_CTX_get_num_untrusted(verification) <= last;
    if (!is_ours || (last == 0 && !is_root)) return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
    if (is_root) return X509_V_OK;
    if (X509_check_ca(anchor) != 1) return X509_V_ERR_INVALID_CA;
    auto const age = X509_cmp_timeframe(X509_STORE_CTX_get0_param(verification), X509_get0_notBefore(anchor),
                                        X509_get0_notAfter(anchor));
    if (age != 0) return age > 0 ? X509_V_ERR_CERT_HAS_EXPIRED : X509_V_ERR_CERT_NOT_YET_VALID;
    return fault_of_policies(chain);
}

int refuse(X509_STORE_CTX* verification, int fault, int depth) {
    X509_STORE_CTX_set_error(verification, fault);
    X509_STORE_CTX_set_error_depth(verification, depth);
    return 0;
}

} // namespace

int verify_chain(X509_STORE_CTX* verification, void*) noexcept {
    X509_STORE_CTX_set_verify_cb(verification, end_at_ours);
    auto const verified = X509_verify_cert(verification);
    if (verified != 1) return verified;
    auto* const chain = X509_STORE_CTX_get0_chain(verification);
    auto const last = sk_X509_num(chain) - 1;
    if (auto const fault = fault_of_anchor(verification, chain); fault != X509_V_OK)
        return refuse(verification, fault, last);
    auto const* const host = X509_VERIFY_PARAM_get0_host(X509_STORE_CTX_get0_param(verification), 0);
    for (int i = 1; host != nullptr && i <= last; ++i)
        if (excludes(sk_X509_value(chain, i), host))
            return refuse(verification, X509_V_ERR_EXCLUDED_VIOLATION, i);
    return 1;
}

} // namespace equinix::sts::net
