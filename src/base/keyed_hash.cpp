#include "base/keyed_hash.hpp"

#include "base/openssl_bytes.hpp"
#include "base/openssl_failure.hpp"
#include "base/openssl_ptr.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstddef>

namespace equinix::sts::base {

void keyed_hash::deleter::operator()(evp_mac_ctx_st* one) const noexcept {
    EVP_MAC_CTX_free(one); // wipes
}

keyed_hash::keyed_hash(std::string_view key) {
    openssl_ptr<EVP_MAC> const hmac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
    if (hmac) keyed_.reset(EVP_MAC_CTX_new(hmac.get()));
    std::array<char, 7> digest = {"SHA256"};
    std::array<OSSL_PARAM, 2> const with = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    if (!keyed_ || EVP_MAC_init(keyed_.get(), bytes_of(key), key.size(), with.data()) != 1)
        fail_by_openssl("prepare HMAC-SHA-256");
}

keyed_hash::value keyed_hash::of(std::initializer_list<std::string_view> texts) const {
    std::unique_ptr<EVP_MAC_CTX, deleter> const copy(EVP_MAC_CTX_dup(keyed_.get()));
    bool good = copy != nullptr;
    for (auto const text : texts)
        good = good && EVP_MAC_update(copy.get(), bytes_of(text), text.size()) == 1;
    value out{};
    std::size_t size = 0;
    if (!good || EVP_MAC_final(copy.get(), bytes_of(out.data()), &size, out.size()) != 1 ||
        size != out.size())
        fail_by_openssl("compute HMAC-SHA-256");
    return out;
}

} // namespace equinix::sts::base
