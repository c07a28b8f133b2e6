#include "values/jwk.hpp"

#include "base/base64.hpp"
#include "base/failure.hpp"
#include "base/openssl_bytes.hpp"
#include "base/openssl_failure.hpp"
#include "base/openssl_ptr.hpp"
#include "base/sha256.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/x509.h>

#include <array>
#include <cstddef>
#include <memory>

namespace equinix::sts::values {
namespace {

[[noreturn]] void cannot_read() {
    base::refuse("OpenSSL cannot read the public key: " + base::openssl_reasons());
}

struct curve {
    char const* name; ///< of the JWK (RFC 7518 section 6.2.1.1)
    int id;           ///< OpenSSL's
    std::size_t size; ///< bytes of a coordinate
};

constexpr curve curves[] = {
    {"P-256", NID_X9_62_prime256v1, 32}, {"P-384", NID_secp384r1, 48}, {"P-521", NID_secp521r1, 66}};

base::openssl_ptr<BIGNUM> number_of(EVP_PKEY* key, char const* name) {
    BIGNUM* found = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &found) != 1) ERR_clear_error();
    return base::openssl_ptr<BIGNUM>(found);
}

std::string bytes_of(BIGNUM const* number) {
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
    BN_bn2bin(number, base::bytes_of(bytes.data()));
    return bytes;
}

base::openssl_ptr<EC_GROUP> group_of(curve const& one) {
    base::openssl_ptr<EC_GROUP> group(EC_GROUP_new_by_curve_name(one.id));
    if (!group) cannot_read();
    return group;
}

/// By its name, or by its field and equation where a provider gives no name.
curve const* curve_of(EVP_PKEY* key) {
    std::array<char, 64> name{};
    if (EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) == 1) {
        auto id = OBJ_txt2nid(name.data());
        if (id == NID_undef) id = EC_curve_nist2nid(name.data());
        for (auto const& one : curves)
            if (one.id == id) return &one;
        if (id != NID_undef) return nullptr;
    }
    ERR_clear_error();
    auto const field = number_of(key, OSSL_PKEY_PARAM_EC_P), a = number_of(key, OSSL_PKEY_PARAM_EC_A),
               b = number_of(key, OSSL_PKEY_PARAM_EC_B);
    if (!field || !a || !b) return nullptr;
    for (auto const& one : curves) {
        base::openssl_ptr<BIGNUM> const p(BN_new()), its_a(BN_new()), its_b(BN_new());
        if (!p || !its_a || !its_b) cannot_read();
        if (EC_GROUP_get_curve(group_of(one).get(), p.get(), its_a.get(), its_b.get(), nullptr) == 1 &&
            BN_cmp(p.get(), field.get()) == 0 && BN_cmp(its_a.get(), a.get()) == 0 &&
            BN_cmp(its_b.get(), b.get()) == 0)
            return &one;
    }
    return nullptr;
}

/// The public half in OpenSSL's own provider; null if the key's one does not encode it.
base::openssl_ptr<EVP_PKEY> copy_of_public_half(EVP_PKEY const* key) {
    unsigned char* encoded = nullptr;
    auto const size = i2d_PUBKEY(key, &encoded);
    auto const* at = encoded;
    base::openssl_ptr<EVP_PKEY> copy(size > 0 ? d2i_PUBKEY(nullptr, &at, size) : nullptr);
    OPENSSL_free(encoded);
    return copy;
}

/// A point, compressed or not. Some providers give it in one of these three ways only.
std::string encoded_public_key(EVP_PKEY* key) {
    std::array<unsigned char, 256> point{};
    std::size_t length = 0;
    if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &length) ==
        1)
        return {reinterpret_cast<char const*>(point.data()), length}; // NOLINT: OpenSSL's type
    ERR_clear_error();
    unsigned char* found = nullptr;
    auto size = EVP_PKEY_get1_encoded_public_key(key, &found);
    if (size == 0) {
        ERR_clear_error();
        auto const copy = copy_of_public_half(key);
        if (copy) size = EVP_PKEY_get1_encoded_public_key(copy.get(), &found);
    }
    if (size == 0) cannot_read();
    auto const free = [](unsigned char* one) { OPENSSL_free(one); };
    std::unique_ptr<unsigned char, decltype(free)> const owned(found, free);
    return {reinterpret_cast<char const*>(found), size}; // NOLINT: OpenSSL's type
}

std::optional<std::string> jwk_of_curve(EVP_PKEY* key) {
    auto const* const known = curve_of(key);
    if (known == nullptr) return std::nullopt;
    auto const group = group_of(*known);
    auto const encoded = encoded_public_key(key);
    base::openssl_ptr<EC_POINT> const point(EC_POINT_new(group.get()));
    base::openssl_ptr<BIGNUM> const x(BN_new()), y(BN_new());
    std::string both(2 * known->size, '\0');
    auto* const at = base::bytes_of(both.data());
    auto const size = static_cast<int>(known->size);
    if (!point || !x || !y ||
        EC_POINT_oct2point(group.get(), point.get(), base::bytes_of(std::string_view(encoded)),
                           encoded.size(), nullptr) != 1 ||
        EC_POINT_get_affine_coordinates(group.get(), point.get(), x.get(), y.get(), nullptr) != 1 ||
        BN_bn2binpad(x.get(), at, size) != size || BN_bn2binpad(y.get(), at + size, size) != size)
        cannot_read();
    std::string_view const bytes(both);
    return R"({"crv":")" + std::string(known->name) + R"(","kty":"EC","x":")" +
           base::base64url(bytes.substr(0, known->size)) + R"(","y":")" +
           base::base64url(bytes.substr(known->size)) + R"("})";
}

std::string jwk_of_edwards(EVP_PKEY* key, std::string const& curve) {
    std::array<unsigned char, 64> raw{};
    auto size = raw.size();
    if (EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1) cannot_read();
    std::string_view const bytes(reinterpret_cast<char const*>(raw.data()), size); // NOLINT: OpenSSL's type
    return R"({"crv":")" + curve + R"(","kty":"OKP","x":")" + base::base64url(bytes) + R"("})";
}

std::string jwk_of_rsa(EVP_PKEY* key) {
    auto const n = number_of(key, OSSL_PKEY_PARAM_RSA_N), e = number_of(key, OSSL_PKEY_PARAM_RSA_E);
    if (!n || !e) cannot_read();
    return R"({"e":")" + base::base64url(bytes_of(e.get())) + R"(","kty":"RSA","n":")" +
           base::base64url(bytes_of(n.get())) + R"("})";
}

} // namespace

std::optional<std::string> public_jwk(EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "EC") == 1) return jwk_of_curve(key);
    for (auto const* const curve : {"Ed25519", "Ed448"})
        if (EVP_PKEY_is_a(key, curve) == 1) return jwk_of_edwards(key, curve);
    if (EVP_PKEY_is_a(key, "RSA") == 1) return jwk_of_rsa(key);
    return std::nullopt;
}

std::string sha256_base64url(std::string_view text) {
    auto const digest = base::sha256(text);
    return base::base64url({digest.data(), digest.size()});
}

} // namespace equinix::sts::values
