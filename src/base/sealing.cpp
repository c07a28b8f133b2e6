#include "base/sealing.hpp"

#include "base/openssl_bytes.hpp"
#include "base/openssl_failure.hpp"
#include "base/openssl_ptr.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>

namespace equinix::sts::base {
namespace {

constexpr std::size_t key_size = 32, nonce_size = 12;

OSSL_PARAM octets(char const* name, std::string_view value) noexcept {
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()), // NOLINT: only read
                                             value.size());
}

} // namespace

wiped_buffer derive_key(std::string_view key, std::string_view purpose) {
    openssl_ptr<EVP_KDF> const kdf(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr));
    openssl_ptr<EVP_KDF_CTX> const context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
    std::string digest = "SHA256";
    std::array<OSSL_PARAM, 4> const with = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), digest.size()),
        octets(OSSL_KDF_PARAM_KEY, key), octets(OSSL_KDF_PARAM_INFO, purpose), OSSL_PARAM_construct_end()};
    wiped_buffer out(key_size, '\0');
    if (!context || EVP_KDF_derive(context.get(), bytes_of(out.data()), out.size(), with.data()) != 1)
        fail_by_openssl("derive a key (HKDF-SHA-256)");
    return out;
}

void sealing_key::deleter::operator()(evp_cipher_st* one) const noexcept {
    EVP_CIPHER_free(one);
}

sealing_key::sealing_key(std::string_view key)
    : derives_(key), aes_(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)) {
    if (!aes_) fail_by_openssl("find AES-256-GCM");
}

/// The cipher for one message: it knows the key, the nonce and the associated data.
class sealing_key::cipher {
public:
    cipher(sealing_key const& with, bool seals, message const& which) : context_(EVP_CIPHER_CTX_new()) {
        // HKDF-Expand for one block (RFC 5869 section 2.3); the key is uniform, so that nothing is extracted.
        auto key = with.derives_.of({which.salt, which.purpose, "\x01"});
        // A key seals one message only, so that one nonce suffices.
        constexpr std::array<unsigned char, nonce_size> nonce{};
        int written = 0;
        bool const good = context_ &&
                          EVP_CipherInit_ex2(context_.get(), with.aes_.get(), bytes_of(key.data()),
                                             nonce.data(), seals ? 1 : 0, nullptr) == 1 &&
                          EVP_CipherUpdate(context_.get(), nullptr, &written, bytes_of(which.associated),
                                           static_cast<int>(which.associated.size())) == 1;
        wipe(key.data(), key.size());
        if (!good) fail_by_openssl("begin AES-256-GCM");
    }

    EVP_CIPHER_CTX* get() const noexcept { return context_.get(); }

private:
    openssl_ptr<EVP_CIPHER_CTX> context_;
};

void sealing_key::seal(std::string& out, message const& which, std::string_view text) const {
    auto const at = out.size();
    cipher const one(*this, true, which);
    out.resize(at + text.size() + seal_tag_size);
    auto* const to = bytes_of(out.data()) + at;
    int written = 0, rest = 0;
    if (EVP_CipherUpdate(one.get(), to, &written, bytes_of(text), static_cast<int>(text.size())) != 1 ||
        EVP_CipherFinal_ex(one.get(), to + written, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(one.get(), EVP_CTRL_GCM_GET_TAG, seal_tag_size, to + text.size()) != 1)
        fail_by_openssl("encrypt with AES-256-GCM");
}

std::optional<wiped_buffer> sealing_key::open(message const& which, std::string_view sealed) const {
    if (sealed.size() < seal_tag_size) return std::nullopt;
    auto const text = sealed.substr(0, sealed.size() - seal_tag_size);
    std::string tag(sealed.substr(text.size()));
    cipher const one(*this, false, which);
    wiped_buffer out(text.size(), '\0');
    int written = 0, rest = 0;
    auto* const to = bytes_of(out.data());
    if (EVP_CipherUpdate(one.get(), to, &written, bytes_of(text), static_cast<int>(text.size())) != 1 ||
        EVP_CIPHER_CTX_ctrl(one.get(), EVP_CTRL_GCM_SET_TAG, seal_tag_size, tag.data()) != 1)
        fail_by_openssl("decrypt with AES-256-GCM");
    // It may fail without an entry in OpenSSL's queue: the tag is wrong.
    if (EVP_CipherFinal_ex(one.get(), to + written, &rest) != 1) return std::nullopt;
    return out;
}

void fill_with_random(std::span<char> bytes) {
    if (RAND_bytes(bytes_of(bytes.data()), static_cast<int>(bytes.size())) != 1)
        fail_by_openssl("generate random bytes");
}

} // namespace equinix::sts::base
