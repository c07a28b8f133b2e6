#include "testing/public_key.hpp"

#include "base/base64.hpp"
#include "base/openssl_bytes.hpp"
#include "values/jws.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <string>

namespace equinix::sts::testing {
namespace {

namespace json = boost::json;

std::string_view member(json::object const& of, std::string_view name) {
    auto const* const value = of.if_contains(json::string_view(name));
    if (value == nullptr || !value->is_string()) return {};
    return {value->get_string().data(), value->get_string().size()};
}

std::string bytes_in(json::object const& jwk, std::string_view name) {
    auto const decoded = base::base64url_decode(member(jwk, name));
    return decoded ? std::string(base::view(*decoded)) : std::string();
}

struct builder_deleter {
    void operator()(OSSL_PARAM_BLD* p) const noexcept { OSSL_PARAM_BLD_free(p); }
    void operator()(OSSL_PARAM* p) const noexcept { OSSL_PARAM_free(p); }
    void operator()(EVP_PKEY_CTX* p) const noexcept { EVP_PKEY_CTX_free(p); }
};

owned<EVP_PKEY> made(char const* type, OSSL_PARAM_BLD* from) {
    std::unique_ptr<OSSL_PARAM, builder_deleter> const parameters(OSSL_PARAM_BLD_to_param(from));
    std::unique_ptr<EVP_PKEY_CTX, builder_deleter> const context(
        EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1)
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
    ERR_clear_error();
    return owned<EVP_PKEY>(key);
}

struct curve {
    std::string_view name;
    std::size_t size;
};
constexpr curve curves[] = {{"P-256", 32}, {"P-384", 48}, {"P-521", 66}};

} // namespace

owned<EVP_PKEY> public_key(json::object const& jwk) {
    auto const type = member(jwk, "kty"), name = member(jwk, "crv");
    std::unique_ptr<OSSL_PARAM_BLD, builder_deleter> const builder(OSSL_PARAM_BLD_new());
    auto* const to = must(builder.get(), "build a key");
    if (type == "EC") {
        auto const x = bytes_in(jwk, "x"), y = bytes_in(jwk, "y");
        for (auto const& one : curves) {
            if (one.name != name || x.size() != one.size || y.size() != one.size) continue;
            auto point = "\x04" + x;
            point += y;
            OSSL_PARAM_BLD_push_utf8_string(to, OSSL_PKEY_PARAM_GROUP_NAME, one.name.data(), one.name.size());
            OSSL_PARAM_BLD_push_octet_string(to, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
            return made("EC", to);
        }
    } else if (type == "OKP" && (name == "Ed25519" || name == "Ed448")) {
        auto const x = bytes_in(jwk, "x");
        OSSL_PARAM_BLD_push_octet_string(to, OSSL_PKEY_PARAM_PUB_KEY, x.data(), x.size());
        return made(std::string(name).c_str(), to);
    } else if (type == "RSA") {
        auto const n = bytes_in(jwk, "n"), e = bytes_in(jwk, "e");
        owned<BIGNUM> const modulus(
            BN_bin2bn(base::bytes_of(std::string_view(n)), static_cast<int>(n.size()), nullptr));
        owned<BIGNUM> const exponent(
            BN_bin2bn(base::bytes_of(std::string_view(e)), static_cast<int>(e.size()), nullptr));
        OSSL_PARAM_BLD_push_BN(to, OSSL_PKEY_PARAM_RSA_N, modulus.get());
        OSSL_PARAM_BLD_push_BN(to, OSSL_PKEY_PARAM_RSA_E, exponent.get());
        return made("RSA", to);
    }
    return nullptr;
}

bool is_signed_by(json::object const& jwk, parsed_jwt const& token) {
    auto const algorithm = signing_algorithm_from(member(token.header, "alg"));
    auto const key = public_key(jwk);
    if (!algorithm || !key) return false;
    // A key serves its own algorithms only (RFC 8725 section 3.1).
    constexpr std::string_view of_curves[] = {"ES256", "ES384", "ES512"};
    auto const type = member(jwk, "kty"), name = to_string(*algorithm);
    constexpr int least_bits = 2048; // RFC 7518 section 3.3
    bool fits =
        type == "RSA" && (name == "RS256" || name == "PS256") && EVP_PKEY_get_bits(key.get()) >= least_bits;
    if (type == "OKP") fits = name == "EdDSA";
    for (std::size_t i = 0; type == "EC" && i < std::size(curves); ++i)
        fits = fits || (member(jwk, "crv") == curves[i].name && name == of_curves[i]);
    return fits && values::jws_verify(key.get(), *algorithm, token.signing_input, token.signature);
}

} // namespace equinix::sts::testing
