#include "base/private_key.hpp"

#include "base/openssl_failure.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstddef>
#include <cstring>

namespace equinix::sts::base {

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
    auto const bio = reader(pem);
    openssl_ptr<EVP_PKEY> key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, passphrase_request::give, &passphrase));
    ERR_clear_error();
    return key;
}

} // namespace equinix::sts::base
