#include "base/sealing.hpp"

#include "base/openssl_failure.hpp"
#include "base/openssl_ptr.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <memory>

namespace equinix::sts::base {
namespace {

constexpr std::size_t key_size = 32, nonce_size = 12;

unsigned char const* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<unsigned char const*>(text.data()); // NOLINT: OpenSSL's way
}

unsigned char* bytes_of(char* text) noexcept {
    return reinterpret_cast<unsigned char*>(text); // NOLINT: OpenSSL's way
}

OSSL_PARAM octets(char const* name, std::string_view value) noexcept {
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()), // NOLINT: only read
                                             value.size());
}

using cipher = openssl_ptr<EVP_CIPHER_CTX>;

/// A cipher that knows the key, the nonce and the associated data.
cipher begin(bool sealing, wiped_buffer const& derived, std::string_view associated) {
    cipher made(EVP_CIPHER_CTX_new());
    auto const* const key = bytes_of(view(derived));
    int written = 0;
    if (!made ||
        EVP_CipherInit_ex(made.get(), EVP_aes_256_gcm(), nullptr, key, key + key_size, sealing ? 1 : 0) !=
            1 ||
        EVP_CipherUpdate(made.get(), nullptr, &written, bytes_of(associated),
                         static_cast<int>(associated.size())) != 1)
        fail_by_openssl("begin AES-256-GCM");
    return made;
}

} // namespace

wiped_buffer derive_key(std::string_view key, std::string_view salt, std::string_view purpose,
                        std::size_t size) {
    openssl_ptr<EVP_KDF> const kdf(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr));
    openssl_ptr<EVP_KDF_CTX> const context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
    std::string digest = "SHA256";
    std::array<OSSL_PARAM, 5> const with = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), digest.size()),
        octets(OSSL_KDF_PARAM_KEY, key), octets(OSSL_KDF_PARAM_SALT, salt),
        octets(OSSL_KDF_PARAM_INFO, purpose), OSSL_PARAM_construct_end()};
    wiped_buffer out(size, '\0');
    if (!context || EVP_KDF_derive(context.get(), bytes_of(out.data()), size, with.data()) != 1)
        fail_by_openssl("derive a key (HKDF-SHA-256)");
    return out;
}

std::array<char, 32> keyed_hash(std::string_view key, std::string_view text) {
    std::array<char, 32> out{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
             bytes_of(out.data()), &size) == nullptr)
        fail_by_openssl("compute a digest");
    return out;
}

message_key::message_key(std::string_view key, std::string_view salt, std::string_view purpose)
    : derived_(derive_key(key, salt, purpose, key_size + nonce_size)) {}

void message_key::seal(std::string& out, std::string_view associated, std::string_view text) const {
    auto const at = out.size();
    out.resize(at + text.size() + seal_tag_size);
    auto const using_it = begin(true, derived_, associated);
    auto* const to = bytes_of(out.data()) + at;
    int written = 0, rest = 0;
    if (EVP_CipherUpdate(using_it.get(), to, &written, bytes_of(text), static_cast<int>(text.size())) != 1 ||
        EVP_CipherFinal_ex(using_it.get(), to + written, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(using_it.get(), EVP_CTRL_GCM_GET_TAG, seal_tag_size, to + text.size()) != 1)
        fail_by_openssl("encrypt with AES-256-GCM");
}

std::optional<wiped_buffer> message_key::open(std::string_view associated, std::string_view sealed) const {
    if (sealed.size() < seal_tag_size) return std::nullopt;
    auto const text = sealed.substr(0, sealed.size() - seal_tag_size);
    std::string tag(sealed.substr(text.size()));
    auto const using_it = begin(false, derived_, associated);
    wiped_buffer out(text.size(), '\0');
    int written = 0, rest = 0;
    auto* const to = bytes_of(out.data());
    if (EVP_CipherUpdate(using_it.get(), to, &written, bytes_of(text), static_cast<int>(text.size())) != 1 ||
        EVP_CIPHER_CTX_ctrl(using_it.get(), EVP_CTRL_GCM_SET_TAG, seal_tag_size, tag.data()) != 1)
        fail_by_openssl("decrypt with AES-256-GCM");
    // It may fail without an entry in OpenSSL's queue: the tag is wrong.
    if (EVP_CipherFinal_ex(using_it.get(), to + written, &rest) != 1) return std::nullopt;
    return out;
}

void fill_with_random(std::string& bytes) {
    if (RAND_bytes(bytes_of(bytes.data()), static_cast<int>(bytes.size())) != 1)
        fail_by_openssl("generate random bytes");
}

} // namespace equinix::sts::base
