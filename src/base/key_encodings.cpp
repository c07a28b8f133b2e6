#include "base/key_encodings.hpp"

#include "base/openssl_bytes.hpp"
#include "base/wiped.hpp"

#include <boost/assert.hpp>

#include <openssl/asn1.h>
#include <openssl/core_names.h>
#include <openssl/objects.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string>
#include <vector>

namespace equinix::sts::base {
namespace {

/// Takes DER apart in place.
class der_reader {
public:
    explicit der_reader(std::string_view der) noexcept : rest_(der) {}

    bool at_end() const noexcept { return rest_.empty(); }

    /// The content of the next element, if that is one of this tag.
    std::optional<std::string_view> next(int tag, int of_class = V_ASN1_UNIVERSAL) noexcept {
        auto const* at = bytes_of(rest_);
        long size = 0;
        int its_tag = 0, its_class = 0;
        auto const form = ASN1_get_object(&at, &size, &its_tag, &its_class, static_cast<long>(rest_.size()));
        constexpr int failed = 0x80, indefinite = 0x01;
        if ((form & (failed | indefinite)) != 0 || its_tag != tag || its_class != of_class)
            return std::nullopt;
        auto const begin = static_cast<std::size_t>(reinterpret_cast<char const*>(at) - rest_.data());
        auto const content = rest_.substr(begin, static_cast<std::size_t>(size));
        rest_.remove_prefix(begin + content.size());
        return content;
    }

private:
    std::string_view rest_;
};

/// Nothing for a negative number.
std::optional<std::string_view> next_number(der_reader& from) noexcept {
    auto const content = from.next(V_ASN1_INTEGER);
    return content && !content->empty() && static_cast<signed char>(content->front()) >= 0 ? content
                                                                                           : std::nullopt;
}

bool next_is(der_reader& from, char version) noexcept {
    auto const number = next_number(from);
    return number && *number == std::string_view(&version, 1);
}

/// The name of the curve that an object identifier's content stands for; null for others.
char const* curve_of(ASN1_OBJECT const* named) noexcept {
    auto const its = OBJ_obj2nid(named);
    return its == NID_undef ? nullptr : OBJ_nid2sn(its);
}

/// The public half of a key on a named curve, uncompressed; empty if there is none.
std::string public_point(std::string_view number, char const* curve) {
    openssl_ptr<EC_GROUP> const group(EC_GROUP_new_by_curve_name(OBJ_sn2nid(curve)));
    if (!group) return {};
    openssl_ptr<EC_POINT> const point(EC_POINT_new(group.get()));
    openssl_ptr<BIGNUM> const factor(BN_bin2bn(bytes_of(number), static_cast<int>(number.size()), nullptr));
    if (!point || !factor ||
        EC_POINT_mul(group.get(), point.get(), factor.get(), nullptr, nullptr, nullptr) != 1)
        return {};
    std::string made(1 + 2 * ((static_cast<std::size_t>(EC_GROUP_get_degree(group.get())) + 7) / 8), '\0');
    auto const size = EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                                         bytes_of(made.data()), made.size(), nullptr);
    return size == made.size() ? made : std::string();
}

/// Parameters of a key; what is secret in them is overwritten at the end.
class key_parts {
public:
    /// `capacity` is the number of bytes of all numbers, which then stay where they are.
    explicit key_parts(std::size_t capacity) { numbers_.reserve(capacity); }

    /// A number whose most significant byte comes first.
    void number(char const* name, std::string_view bytes) {
        auto const at = numbers_.size();
        BOOST_ASSERT(numbers_.capacity() - at >= bytes.size());
        append(numbers_, bytes);
        auto const first = numbers_.begin() + static_cast<std::ptrdiff_t>(at);
        if constexpr (std::endian::native == std::endian::little) std::reverse(first, numbers_.end());
        parts_.push_back(OSSL_PARAM_construct_BN(name, bytes_of(numbers_.data() + at), bytes.size()));
    }
    void octets(char const* name, std::string_view bytes) {
        parts_.push_back(
            OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.data()), bytes.size()));
    }
    void text(char const* name, char const* value) {
        parts_.push_back(OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(value), 0));
    }

    openssl_ptr<EVP_PKEY> make(char const* type) {
        parts_.push_back(OSSL_PARAM_construct_end());
        openssl_ptr<EVP_PKEY_CTX> const maker(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
        EVP_PKEY* made = nullptr;
        if (maker && EVP_PKEY_fromdata_init(maker.get()) == 1)
            EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_KEYPAIR, parts_.data());
        return openssl_ptr<EVP_PKEY>(made);
    }

private:
    wiped_buffer numbers_;
    std::vector<OSSL_PARAM> parts_;
};

} // namespace

openssl_ptr<EVP_PKEY> key_of_pkcs1(std::string_view der) {
    constexpr std::array names = {
        OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
        OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
        OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
    };
    constexpr char two_primes = 0;
    auto const sequence = der_reader(der).next(V_ASN1_SEQUENCE);
    if (!sequence) return nullptr;
    der_reader fields(*sequence);
    if (!next_is(fields, two_primes)) return nullptr;
    key_parts parts(sequence->size());
    for (auto const* name : names) {
        auto const number = next_number(fields);
        if (!number) return nullptr;
        parts.number(name, *number);
    }
    return fields.at_end() ? parts.make("RSA") : nullptr;
}

openssl_ptr<EVP_PKEY> key_of_sec1(std::string_view der, char const* curve) {
    constexpr char version = 1;
    constexpr int parameters = 0, public_key = 1;
    auto const sequence = der_reader(der).next(V_ASN1_SEQUENCE);
    if (!sequence) return nullptr;
    der_reader fields(*sequence);
    if (!next_is(fields, version)) return nullptr;
    auto const number = fields.next(V_ASN1_OCTET_STRING);
    if (!number) return nullptr;
    if (auto const named = fields.next(parameters, V_ASN1_CONTEXT_SPECIFIC)) {
        auto const* at = bytes_of(*named);
        openssl_ptr<ASN1_OBJECT> const its(d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(named->size())));
        if (!its) return nullptr;
        curve = curve_of(its.get());
    }
    auto const wrapped = fields.next(public_key, V_ASN1_CONTEXT_SPECIFIC);
    if (curve == nullptr || !fields.at_end()) return nullptr;
    std::string point;
    if (wrapped) {
        auto const bits = der_reader(*wrapped).next(V_ASN1_BIT_STRING);
        if (!bits || bits->size() < 2 || bits->front() != 0) return nullptr;
        point = bits->substr(1);
    } else {
        point = public_point(*number, curve);
        if (point.empty()) return nullptr;
    }
    key_parts parts(number->size());
    parts.text(OSSL_PKEY_PARAM_GROUP_NAME, curve);
    parts.number(OSSL_PKEY_PARAM_PRIV_KEY, *number);
    parts.octets(OSSL_PKEY_PARAM_PUB_KEY, point);
    return parts.make("EC");
}

openssl_ptr<EVP_PKEY> key_of_pkcs8(PKCS8_PRIV_KEY_INFO const& info) {
    ASN1_OBJECT const* type = nullptr;
    unsigned char const* data = nullptr;
    int size = 0;
    X509_ALGOR const* algorithm = nullptr;
    if (PKCS8_pkey_get0(&type, &data, &size, &algorithm, &info) != 1) return nullptr;
    std::string_view const key(reinterpret_cast<char const*>(data), static_cast<std::size_t>(size));
    switch (auto const its = OBJ_obj2nid(type)) {
    case NID_rsaEncryption:
        return key_of_pkcs1(key);
    case NID_X9_62_id_ecPublicKey: {
        int form = V_ASN1_UNDEF;
        void const* named = nullptr;
        X509_ALGOR_get0(nullptr, &form, &named, algorithm);
        return form == V_ASN1_OBJECT ? key_of_sec1(key, curve_of(static_cast<ASN1_OBJECT const*>(named)))
                                     : nullptr;
    }
    case NID_ED25519:
    case NID_ED448: {
        auto const raw = der_reader(key).next(V_ASN1_OCTET_STRING);
        return openssl_ptr<EVP_PKEY>(
            raw ? EVP_PKEY_new_raw_private_key(its, nullptr, bytes_of(*raw), raw->size()) : nullptr);
    }
    default:
        return nullptr;
    }
}

} // namespace equinix::sts::base
