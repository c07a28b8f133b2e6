#include "support/record_forger.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <vector>

namespace test {
namespace {

using testing::must;

constexpr std::size_t key_size = 16;
constexpr std::size_t salt_size = 4;
constexpr std::size_t vector_size = 12;
constexpr std::size_t tag_size = 16;

struct deleter {
    void operator()(EVP_KDF* p) const noexcept { EVP_KDF_free(p); }
    void operator()(EVP_KDF_CTX* p) const noexcept { EVP_KDF_CTX_free(p); }
    void operator()(EVP_CIPHER_CTX* p) const noexcept { EVP_CIPHER_CTX_free(p); }
};

unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data()); // NOLINT: OpenSSL's type
}

unsigned char const* bytes(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data()); // NOLINT: OpenSSL's type
}

std::string derive(char const* function, std::vector<OSSL_PARAM> parameters, std::size_t size) {
    std::unique_ptr<EVP_KDF, deleter> const kdf(must(EVP_KDF_fetch(nullptr, function, nullptr), "derive"));
    std::unique_ptr<EVP_KDF_CTX, deleter> const context(must(EVP_KDF_CTX_new(kdf.get()), "derive"));
    static char digest[] = "SHA256";
    parameters.push_back(OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0));
    parameters.push_back(OSSL_PARAM_construct_end());
    std::string out(size, '\0');
    must(EVP_KDF_derive(context.get(), bytes(out), out.size(), parameters.data()), "derive a key");
    return out;
}

OSSL_PARAM octets(char const* name, std::string& value) {
    return OSSL_PARAM_construct_octet_string(name, value.data(), value.size());
}

/// HKDF-Expand-Label of RFC 8446 section 7.1.
std::string expand_label(std::string secret, std::string label, std::size_t size) {
    std::string prefix = "tls13 ";
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    return derive("TLS13-KDF",
                  {OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode), octets(OSSL_KDF_PARAM_KEY, secret),
                   octets(OSSL_KDF_PARAM_PREFIX, prefix), octets(OSSL_KDF_PARAM_LABEL, label)},
                  size);
}

/// The key block of RFC 5246 section 6.3.
std::string key_block(SSL* ssl) {
    std::string secret(SSL_MAX_MASTER_KEY_LENGTH, '\0');
    secret.resize(SSL_SESSION_get_master_key(SSL_get_session(ssl), bytes(secret), secret.size()));
    std::string client(SSL3_RANDOM_SIZE, '\0');
    std::string server(SSL3_RANDOM_SIZE, '\0');
    SSL_get_client_random(ssl, bytes(client), client.size());
    SSL_get_server_random(ssl, bytes(server), server.size());
    auto seed = "key expansion" + server + client;
    return derive("TLS1-PRF", {octets(OSSL_KDF_PARAM_SECRET, secret), octets(OSSL_KDF_PARAM_SEED, seed)},
                  2 * key_size + 2 * salt_size);
}

std::string from_hex(std::string const& hex) {
    std::string out(hex.size() / 2, '\0');
    std::size_t size = 0;
    must(OPENSSL_hexstr2buf_ex(bytes(out), out.size(), &size, hex.c_str(), '\0'), "read a secret");
    return out;
}

std::string big_endian(std::uint64_t number, std::size_t size) {
    std::string out(size, '\0');
    for (auto i = size; i-- > 0; number >>= 8U)
        out[i] = static_cast<char>(number & 0xFFU);
    return out;
}

std::string seal(std::string const& key, std::string const& nonce, std::string const& associated,
                 std::string const& plain) {
    std::unique_ptr<EVP_CIPHER_CTX, deleter> const context(must(EVP_CIPHER_CTX_new(), "encrypt"));
    auto* const ctx = context.get();
    std::string out(plain.size() + tag_size, '\0');
    int size = 0;
    must(EVP_EncryptInit_ex2(ctx, EVP_aes_128_gcm(), bytes(std::string_view(key)),
                             bytes(std::string_view(nonce)), nullptr),
         "encrypt");
    must(EVP_EncryptUpdate(ctx, nullptr, &size, bytes(std::string_view(associated)),
                           static_cast<int>(associated.size())),
         "encrypt");
    must(EVP_EncryptUpdate(ctx, bytes(out), &size, bytes(std::string_view(plain)),
                           static_cast<int>(plain.size())),
         "encrypt");
    must(EVP_EncryptFinal_ex(ctx, bytes(out) + size, &size), "encrypt");
    must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, tag_size, bytes(out) + plain.size()), "encrypt");
    return out;
}

} // namespace

record_forger::record_forger(tls_peer& peer) : tls_1_3_(SSL_version(peer.native()) == TLS1_3_VERSION) {
    if (tls_1_3_) {
        auto const secret = from_hex(peer.traffic_secret());
        key_ = expand_label(secret, "key", key_size);
        salt_ = expand_label(secret, "iv", vector_size);
        sequence_ = 0;
    } else {
        auto const block = key_block(peer.native());
        key_ = block.substr(key_size, key_size);
        salt_ = block.substr(2 * key_size + salt_size, salt_size);
        sequence_ = 1; // the server's Finished was the first
    }
}

std::string record_forger::record(unsigned char type, std::string_view content) {
    auto const number = big_endian(sequence_++, 8);
    std::string const kind(1, static_cast<char>(type));
    std::string const version = "\x03\x03";
    if (!tls_1_3_) { // RFC 5288
        auto const associated = number + kind + version + big_endian(content.size(), 2);
        auto const sealed = number + seal(key_, salt_ + number, associated, std::string(content));
        return kind + version + big_endian(sealed.size(), 2) + sealed;
    }
    auto nonce = salt_;
    for (std::size_t i = 0; i < number.size(); ++i)
        nonce[vector_size - number.size() + i] ^= number[i];
    auto const head = "\x17" + version + big_endian(content.size() + 1 + tag_size, 2);
    return head + seal(key_, nonce, head, std::string(content) + kind);
}

std::string record_forger::alert(unsigned char level, unsigned char description) {
    std::string const content{static_cast<char>(level), static_cast<char>(description)};
    return record(SSL3_RT_ALERT, content);
}

} // namespace test
