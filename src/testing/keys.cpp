#include "testing/keys.hpp"

namespace equinix::sts::testing {
namespace {

constexpr int half = 32; // bytes of each number of a P-256 signature

EVP_PKEY* generate(signature_algorithm algorithm) {
    return algorithm == signature_algorithm::es256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048);
}

unsigned char const* bytes(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data()); // NOLINT: OpenSSL's type
}

unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data()); // NOLINT: OpenSSL's type
}

std::string der_to_raw(std::string_view der) {
    auto const* at = bytes(der);
    owned<ECDSA_SIG> const signature(
        must(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), "read a signature"));
    std::string raw(std::size_t(2) * half, '\0');
    must(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes(raw), half), "write a signature");
    must(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes(raw) + half, half), "write a signature");
    return raw;
}

std::string raw_to_der(std::string_view raw) {
    if (raw.size() != std::size_t(2) * half) return {};
    owned<ECDSA_SIG> const signature(must(ECDSA_SIG_new(), "create a signature"));
    must(ECDSA_SIG_set0(signature.get(), BN_bin2bn(bytes(raw), half, nullptr),
                        BN_bin2bn(bytes(raw) + half, half, nullptr)),
         "create a signature");
    std::string der(80, '\0');
    auto* at = bytes(der);
    der.resize(static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), &at)));
    return der;
}

} // namespace

signing_key::signing_key(signature_algorithm algorithm, std::string id)
    : algorithm_(algorithm), id_(std::move(id)), key_(must(generate(algorithm), "generate a key")) {}

std::string signing_key::sign(std::string_view data) const {
    owned<EVP_MD_CTX> const context(must(EVP_MD_CTX_new(), "sign"));
    must(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()), "sign");
    std::size_t size = 0;
    must(EVP_DigestSign(context.get(), nullptr, &size, bytes(data), data.size()), "sign");
    std::string signature(size, '\0');
    must(EVP_DigestSign(context.get(), bytes(signature), &size, bytes(data), data.size()), "sign");
    signature.resize(size);
    return algorithm_ == signature_algorithm::es256 ? der_to_raw(signature) : signature;
}

bool signing_key::verify(std::string_view data, std::string_view signature) const {
    auto const encoded =
        algorithm_ == signature_algorithm::es256 ? raw_to_der(signature) : std::string(signature);
    owned<EVP_MD_CTX> const context(must(EVP_MD_CTX_new(), "verify"));
    must(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()), "verify");
    return EVP_DigestVerify(context.get(), bytes(encoded), encoded.size(), bytes(data), data.size()) == 1;
}

} // namespace equinix::sts::testing
