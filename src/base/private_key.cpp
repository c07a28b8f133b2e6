#include "base/private_key.hpp"

#include "base/base64.hpp"
#include "base/key_encodings.hpp"
#include "base/openssl_bytes.hpp"
#include "base/openssl_failure.hpp"
#include "base/wiped.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace equinix::sts::base {
namespace {

constexpr std::string_view begins = "-----BEGIN ", ends = "-----END ", dashes = "-----";

struct key_block {
    std::string label; ///< as in "EC PRIVATE KEY"
    wiped_buffer der;
};

/// The first private key of a PEM text (RFC 7468 section 2); nothing if it has headers or is damaged.
/// OpenSSL's reader leaves a part of the text in freed memory.
std::optional<key_block> first_key(std::string_view pem) {
    for (auto at = pem.find(begins); at != std::string_view::npos; at = pem.find(begins, at + 1)) {
        auto const rest = pem.substr(at + begins.size());
        auto const label = rest.substr(0, rest.find(dashes));
        if (!label.ends_with("PRIVATE KEY") || (at != 0 && pem[at - 1] != '\n')) continue;
        auto const end = rest.find(ends);
        if (end == std::string_view::npos || !rest.substr(end + ends.size()).starts_with(label)) break;
        wiped_buffer text;
        text.reserve(end);
        for (char const c : rest.substr(label.size() + dashes.size(), end - label.size() - dashes.size()))
            if (c != '\n' && c != '\r') text.push_back(c);
        auto der = base64_decode(view(text));
        if (!der) break;
        return key_block{std::string(label), std::move(*der)};
    }
    return std::nullopt;
}

/// The first private key if it is encrypted in the way of RFC 1421.
std::optional<key_block> decrypted_block(std::string_view pem, passphrase_request& passphrase) {
    if (pem.find("Proc-Type:") == std::string_view::npos) return std::nullopt;
    unsigned char* der = nullptr;
    char* label = nullptr;
    long size = 0;
    if (PEM_bytes_read_bio_secmem(&der, &size, &label, PEM_STRING_EVP_PKEY, reader(pem).get(),
                                  passphrase_request::give, &passphrase) != 1)
        return std::nullopt;
    std::optional<key_block> found(std::in_place, label, wiped_buffer());
    append(found->der, {reinterpret_cast<char const*>(der), static_cast<std::size_t>(size)});
    OPENSSL_secure_free(label);
    OPENSSL_secure_clear_free(der, static_cast<std::size_t>(size));
    return found;
}

openssl_ptr<PKCS8_PRIV_KEY_INFO> decrypted(unsigned char const* der, long size,
                                           passphrase_request& passphrase) {
    openssl_ptr<X509_SIG> const encrypted(d2i_X509_SIG(nullptr, &der, size));
    if (!encrypted) return nullptr;
    std::array<char, PEM_BUFSIZE> word{};
    auto const length = passphrase_request::give(word.data(), static_cast<int>(word.size()), 0, &passphrase);
    openssl_ptr<PKCS8_PRIV_KEY_INFO> info(length < 0 ? nullptr
                                                     : PKCS8_decrypt(encrypted.get(), word.data(), length));
    wipe(word.data(), word.size());
    return info;
}

openssl_ptr<EVP_PKEY> without_copies(std::string_view pem, passphrase_request& passphrase) {
    auto block = first_key(pem);
    if (!block) block = decrypted_block(pem, passphrase);
    if (!block) return nullptr;
    if (block->label == PEM_STRING_RSA) return key_of_pkcs1(view(block->der));
    if (block->label == PEM_STRING_ECPRIVATEKEY) return key_of_sec1(view(block->der));
    auto const* der = bytes_of(view(block->der));
    auto const size = static_cast<long>(block->der.size());
    openssl_ptr<PKCS8_PRIV_KEY_INFO> info;
    if (block->label == PEM_STRING_PKCS8INF) info.reset(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &der, size));
    if (block->label == PEM_STRING_PKCS8) info = decrypted(der, size, passphrase);
    return info ? key_of_pkcs8(*info) : nullptr;
}

} // namespace

int passphrase_request::give(char* into, int size, int, void* request) noexcept {
    auto& self = *static_cast<passphrase_request*>(request);
    bool const again = self.asked_; // each decoder that tries the text asks
    self.asked_ = true;
    if (!*self.ask_ || self.thrown_) return -1;
    try {
        if (!again) self.given_ = (*self.ask_)();
    } catch (...) {
        self.thrown_ = std::current_exception();
        return -1;
    }
    if (self.given_.size() > static_cast<std::size_t>(size)) return -1;
    if (!self.given_.empty()) std::memcpy(into, self.given_.reveal().data(), self.given_.size());
    return static_cast<int>(self.given_.size());
}

openssl_ptr<BIO> reader(std::string_view text) {
    // OpenSSL does not accept a null pointer.
    openssl_ptr<BIO> bio(BIO_new_mem_buf(text.empty() ? "" : text.data(), static_cast<int>(text.size())));
    if (!bio) fail_by_openssl("read PEM");
    return bio;
}

openssl_ptr<EVP_PKEY> read_private_key(std::string_view pem, passphrase_request& passphrase) {
    auto key = without_copies(pem, passphrase);
    if (!key)
        key.reset(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, passphrase_request::give, &passphrase));
    ERR_clear_error();
    return key;
}

} // namespace equinix::sts::base
