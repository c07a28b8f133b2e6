#include "values/signing_key.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/openssl_failure.hpp"
#include "base/private_key.hpp"
#include "base/read_file.hpp"
#include "base/redact.hpp"
#include "base/saturating.hpp"
#include "values/jwk.hpp"
#include "values/proof.hpp"

#include <openssl/err.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace equinix::sts {

namespace {

constexpr std::array<std::string_view, 6> names = {"ES256", "ES384", "ES512", "EdDSA", "RS256", "PS256"};
static_assert(static_cast<std::size_t>(signing_algorithm::ps256) + 1 == names.size());

constexpr int least_rsa_bits = 2048, most_rsa_bits = 8192;
constexpr char accepted[] = "P-256, P-384, P-521, Ed25519, Ed448, or RSA of 2,048 to 8,192 bits";

bool is_rsa(signing_algorithm one) noexcept {
    return one == signing_algorithm::rs256 || one == signing_algorithm::ps256;
}

/// Throws unless the key is one that this library signs with.
signing_algorithm algorithm_of(EVP_PKEY* key, std::string_view jwk, std::string const& name) {
    auto const has = [&](std::string_view text) { return jwk.find(text) != std::string_view::npos; };
    if (has("\"P-256\"")) return signing_algorithm::es256;
    if (has("\"P-384\"")) return signing_algorithm::es384;
    if (has("\"P-521\"")) return signing_algorithm::es512;
    if (has("\"OKP\"")) return signing_algorithm::eddsa;
    auto const bits = EVP_PKEY_get_bits(key);
    if (bits < least_rsa_bits || bits > most_rsa_bits)
        base::refuse(name + ": an RSA key of " + std::to_string(bits) + " bits is not accepted: use " +
                     accepted);
    return signing_algorithm::rs256;
}

signing_algorithm chosen(signing_algorithm its, std::optional<signing_algorithm> wanted,
                         std::string const& name) {
    if (!wanted || *wanted == its) return its;
    if (is_rsa(its) && is_rsa(*wanted)) return *wanted;
    base::refuse(name + ": the key signs with " + std::string(to_string(its)) + ", not with " +
                 std::string(to_string(*wanted)));
}

constexpr char for_passphrase[] = ": a passphrase or PIN is required, and none was given: pass a callback "
                                  "that returns it";
constexpr char wrong_passphrase[] = ": cannot be decrypted: the passphrase is wrong";

base::openssl_ptr<EVP_PKEY> key_in(std::string_view pem, signing_key::passphrase_callback const& passphrase,
                                   std::string const& name) {
    base::passphrase_request request(passphrase);
    auto key = base::read_private_key(pem, request);
    request.rethrow();
    if (key) return key;
    if (request.was_asked()) base::refuse(name + (passphrase ? wrong_passphrase : for_passphrase));
    bool const is_public = pem.find("PUBLIC KEY-----") != std::string_view::npos;
    bool const is_private = pem.find("PRIVATE KEY-----") != std::string_view::npos;
    base::refuse(
        name +
        (is_public ? ": contains a public key alone: the private key is needed to sign"
         : is_private
             ? ": the private key in it is damaged, or in a form that OpenSSL does not read (convert an "
               "OPENSSH key with ssh-keygen -p -m PKCS8 -f FILE)"
             : ": contains no PEM private key (-----BEGIN PRIVATE KEY-----)"));
}

struct store_closer {
    void operator()(OSSL_STORE_CTX* one) const noexcept { OSSL_STORE_close(one); }
    void operator()(OSSL_STORE_INFO* one) const noexcept { OSSL_STORE_INFO_free(one); }
    void operator()(UI_METHOD* one) const noexcept { UI_destroy_method(one); }
};
template <class T>
using store_ptr = std::unique_ptr<T, store_closer>;

/// The part of a URI that may be shown: in front of its query, and of a PIN, wherever that is (RFC 7512
/// section 2.4; providers take it elsewhere, too).
std::string name_of(std::string_view uri) {
    constexpr std::string_view pin = "pin-";
    auto const same = [](char a, char b) { return base::iequals({&a, 1}, {&b, 1}); };
    auto const end = std::min(std::find(uri.begin(), uri.end(), '?'),
                              std::search(uri.begin(), uri.end(), pin.begin(), pin.end(), same));
    return "key URI " + base::quoted_path(uri.substr(0, static_cast<std::size_t>(end - uri.begin())));
}

base::openssl_ptr<EVP_PKEY> key_at(std::string const& uri, signing_key::passphrase_callback const& pin) {
    auto const name = name_of(uri);
    base::passphrase_request request(pin);
    store_ptr<UI_METHOD> const asks(UI_UTIL_wrap_read_pem_callback(base::passphrase_request::give, 0));
    if (!asks) base::fail_by_openssl("open a key store");
    ERR_clear_error();
    store_ptr<OSSL_STORE_CTX> const store(
        OSSL_STORE_open(uri.c_str(), asks.get(), &request, nullptr, nullptr));
    request.rethrow();
    if (!store) {
        auto const why = base::openssl_reasons();
        base::refuse(name + (uri.starts_with("file:")
                                 ? ": cannot be opened: " + why
                                 : ": no active provider of OpenSSL opens it (" + why +
                                       "): name one that serves this scheme in OpenSSL's configuration "
                                       "(OPENSSL_CONF), and check that it reaches its token"));
    }
    bool has_public = false;
    while (OSSL_STORE_eof(store.get()) == 0) {
        store_ptr<OSSL_STORE_INFO> const found(OSSL_STORE_load(store.get()));
        request.rethrow();
        if (!found) {
            if (OSSL_STORE_error(store.get()) != 0) break;
            continue;
        }
        auto const type = OSSL_STORE_INFO_get_type(found.get());
        has_public = has_public || type == OSSL_STORE_INFO_PUBKEY;
        if (type == OSSL_STORE_INFO_PKEY) {
            ERR_clear_error();
            return base::openssl_ptr<EVP_PKEY>(OSSL_STORE_INFO_get1_PKEY(found.get()));
        }
    }
    bool const has_failed = ERR_peek_error() != 0;
    auto const why = base::openssl_reasons();
    if (request.was_asked() && !pin) base::refuse(name + for_passphrase);
    if (has_public)
        base::refuse(name + ": names a public key alone: the private key is needed to sign (for PKCS #11, "
                            "add type=private)");
    base::refuse(name + (has_failed ? ": cannot be loaded: " + why +
                                          (request.was_asked() ? " (is the passphrase or PIN right?)" : "")
                                    : ": names no private key"));
}

} // namespace

std::string_view to_string(signing_algorithm one) noexcept {
    return names[static_cast<std::size_t>(one)];
}

std::optional<signing_algorithm> signing_algorithm_from(std::string_view name) noexcept {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == name) return static_cast<signing_algorithm>(i);
    return std::nullopt;
}

signing_key signing_key_access::adopt(base::openssl_ptr<EVP_PKEY> key,
                                      std::optional<signing_algorithm> wanted, std::string const& name) {
    auto jwk = values::public_jwk(key.get());
    if (!jwk) base::refuse(name + ": a key of this type or curve is not accepted: use " + accepted);
    auto made = std::make_shared<signing_key::state>();
    made->algorithm = chosen(algorithm_of(key.get(), *jwk, name), wanted, name);
    made->signs_inline = !is_rsa(made->algorithm) && values::is_built_in(key.get());
    made->thumbprint = values::sha256_base64url(*jwk);
    made->proof_header = values::proof_header(made->algorithm, *jwk);
    made->public_jwk = std::move(*jwk);
    try {
        made->signer = values::jws_signer(std::move(key), made->algorithm);
    } catch (error const& why) {
        auto info = why.info();
        info.kind = error_kind::config;
        info.code = error_kind::config;
        info.phase = phase::none;
        info.message = name + ": " + info.message;
        throw error(std::move(info));
    }
    return signing_key(std::move(made));
}

signing_key signing_key::generate(signing_algorithm algorithm) {
    auto const make = [&]() -> EVP_PKEY* {
        switch (algorithm) {
        case signing_algorithm::es256:
            return EVP_EC_gen("P-256");
        case signing_algorithm::es384:
            return EVP_EC_gen("P-384");
        case signing_algorithm::es512:
            return EVP_EC_gen("P-521");
        case signing_algorithm::eddsa:
            return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
        default:
            return EVP_RSA_gen(least_rsa_bits);
        }
    };
    base::openssl_ptr<EVP_PKEY> key(make());
    if (!key) base::fail_by_openssl("generate a key");
    return signing_key_access::adopt(std::move(key), algorithm, "signing_key");
}

signing_key signing_key::from_pem(std::string_view pem, passphrase_callback const& passphrase,
                                  std::optional<signing_algorithm> algorithm) {
    std::string const name = "signing_key";
    return signing_key_access::adopt(key_in(pem, passphrase, name), algorithm, name);
}

signing_key signing_key::from_file(std::string const& path, passphrase_callback const& passphrase,
                                   std::optional<signing_algorithm> algorithm) {
    constexpr std::size_t largest = std::size_t(64) * 1024 + 1;
    auto const name = "key file " + base::quoted_path(path);
    constexpr std::chrono::seconds at_most(30); // of a pipe
    auto const file = base::read_file(path, largest, base::after(base::clock::now(), at_most));
    if (file.problem != nullptr) base::refuse(name + " " + base::problem_of(file));
    return signing_key_access::adopt(key_in(base::view(file.text), passphrase, name), algorithm, name);
}

signing_key signing_key::from_uri(std::string_view uri, passphrase_callback const& pin,
                                  std::optional<signing_algorithm> algorithm) {
    return signing_key_access::adopt(key_at(std::string(uri), pin), algorithm, name_of(uri));
}

signing_algorithm signing_key::algorithm() const noexcept {
    return state_->algorithm;
}

std::string const& signing_key::public_jwk() const noexcept {
    return state_->public_jwk;
}

std::string const& signing_key::thumbprint() const noexcept {
    return state_->thumbprint;
}

bool signing_key::signs_inline() const noexcept {
    return state_->signs_inline;
}

std::string signing_key::sign(std::string_view text) const {
    return state_->signer.sign(text);
}

} // namespace equinix::sts
