#include "values/jws.hpp"

#include "base/failure.hpp"
#include "base/openssl_bytes.hpp"
#include "base/openssl_failure.hpp"

#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace equinix::sts::values {
namespace {

struct scheme {
    char const* digest; ///< null: part of the algorithm
    int number = 0;     ///< of ECDSA: bytes of each of the two numbers
    bool is_pss = false;
};

scheme scheme_of(signing_algorithm one) noexcept {
    switch (one) {
    case signing_algorithm::es256:
        return {"SHA256", 32};
    case signing_algorithm::es384:
        return {"SHA384", 48};
    case signing_algorithm::es512:
        return {"SHA512", 66};
    case signing_algorithm::eddsa:
        return {nullptr};
    case signing_algorithm::rs256:
        return {"SHA256"};
    case signing_algorithm::ps256:
        return {"SHA256", 0, true};
    }
    return {nullptr};
}

/// Empty for a key without one, as of an engine.
std::string_view provider_of(EVP_PKEY const* key) noexcept {
    auto const* const provider = EVP_PKEY_get0_provider(key);
    return provider != nullptr ? OSSL_PROVIDER_get0_name(provider) : std::string_view();
}

bool set_padding(EVP_PKEY_CTX* context, scheme const& by) noexcept {
    return !by.is_pss || (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
                          EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1);
}

[[noreturn]] void cannot_sign() {
    throw error(
        base::failure(error_kind::key, phase::sign,
                      "the key cannot sign: " + base::openssl_reasons() +
                          "; if it is in a token or a TPM, check that this is connected and unlocked"));
}

base::openssl_ptr<EVP_MD_CTX> begin(EVP_PKEY* key, scheme const& by) {
    // "?": the digest may come from elsewhere; the signature does not, because only the key's own provider
    // has the private part.
    std::string const name(provider_of(key));
    auto const properties = name.empty() || name == "default" ? std::string() : "?provider=" + name;
    base::openssl_ptr<EVP_MD_CTX> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* settings = nullptr;
    if (!context ||
        EVP_DigestSignInit_ex(context.get(), &settings, by.digest, nullptr,
                              properties.empty() ? nullptr : properties.c_str(), key, nullptr) != 1 ||
        !set_padding(settings, by))
        cannot_sign();
    return context;
}

base::openssl_ptr<EVP_MD_CTX> copy(EVP_MD_CTX const* begun) {
    base::openssl_ptr<EVP_MD_CTX> context(EVP_MD_CTX_new());
    if (!context || EVP_MD_CTX_copy_ex(context.get(), begun) != 1) cannot_sign();
    return context;
}

/// The two numbers of an ECDSA signature, one behind the other (RFC 7518 section 3.4).
std::optional<std::string> concatenated(std::string_view der, int size) {
    auto const* at = base::bytes_of(der);
    base::openssl_ptr<ECDSA_SIG> const both(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    std::string raw(2 * static_cast<std::size_t>(size), '\0');
    auto* const to = base::bytes_of(raw.data());
    if (!both || BN_bn2binpad(ECDSA_SIG_get0_r(both.get()), to, size) != size ||
        BN_bn2binpad(ECDSA_SIG_get0_s(both.get()), to + size, size) != size)
        return std::nullopt;
    return raw;
}

std::optional<std::string> der_of(std::string_view raw, int size) {
    if (raw.size() != 2 * static_cast<std::size_t>(size)) return std::nullopt;
    base::openssl_ptr<ECDSA_SIG> const both(ECDSA_SIG_new());
    base::openssl_ptr<BIGNUM> r(BN_bin2bn(base::bytes_of(raw), size, nullptr)),
        s(BN_bin2bn(base::bytes_of(raw) + size, size, nullptr));
    if (!both || !r || !s || ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1) return std::nullopt;
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(both.get(), nullptr)), '\0');
    auto* at = base::bytes_of(der.data());
    i2d_ECDSA_SIG(both.get(), &at);
    return der;
}

} // namespace

bool is_built_in(EVP_PKEY const* key) noexcept {
    auto const its = provider_of(key);
    return its == "default" || its == "fips";
}

jws_signer::jws_signer(base::openssl_ptr<EVP_PKEY> key, signing_algorithm how)
    : key_(std::move(key)), how_(how) {
    ERR_clear_error();
    if (is_built_in(key_.get())) begun_ = begin(key_.get(), scheme_of(how_));
    sign("a trial");
}

std::string jws_signer::sign(std::string_view text) const {
    auto const by = scheme_of(how_);
    ERR_clear_error();
    auto const context = begun_ ? copy(begun_.get()) : begin(key_.get(), by);
    auto size = static_cast<std::size_t>(std::max(EVP_PKEY_get_size(key_.get()), 0));
    std::string signature(size, '\0');
    if (EVP_DigestSign(context.get(), base::bytes_of(signature.data()), &size, base::bytes_of(text),
                       text.size()) != 1)
        cannot_sign();
    signature.resize(size);
    if (by.number == 0) return signature;
    auto raw = concatenated(signature, by.number);
    if (!raw) cannot_sign();
    return std::move(*raw);
}

bool jws_verify(EVP_PKEY* key, signing_algorithm how, std::string_view text, std::string_view signature) {
    auto const by = scheme_of(how);
    // OpenSSL would take an RSA-PSS signature without a zero at its front, too (RFC 8017 section 8.1.2).
    if (by.number == 0 && signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(key))) return false;
    auto const encoded = by.number != 0 ? der_of(signature, by.number) : std::string(signature);
    base::openssl_ptr<EVP_MD_CTX> const context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* settings = nullptr;
    bool const right =
        encoded && context &&
        EVP_DigestVerifyInit_ex(context.get(), &settings, by.digest, nullptr, nullptr, key, nullptr) == 1 &&
        set_padding(settings, by) &&
        EVP_DigestVerify(context.get(), base::bytes_of(std::string_view(*encoded)), encoded->size(),
                         base::bytes_of(text), text.size()) == 1;
    ERR_clear_error();
    return right;
}

} // namespace equinix::sts::values
