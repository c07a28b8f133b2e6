#include "testing/certificates.hpp"

#include <boost/asio/ip/address.hpp>

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <string_view>
#include <utility>

namespace equinix::sts::testing {
namespace {

owned<EVP_PKEY> make_key(key_type type) {
    switch (type) {
    case key_type::p256:
        return owned<EVP_PKEY>(must(EVP_EC_gen("P-256"), "generate a key"));
    case key_type::rsa_1024:
        return owned<EVP_PKEY>(must(EVP_RSA_gen(1024), "generate a key"));
    case key_type::rsa_2048:
        return owned<EVP_PKEY>(must(EVP_RSA_gen(2048), "generate a key"));
    }
    return nullptr;
}

long random_serial() {
    unsigned serial = 0;
    must(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)), // NOLINT: OpenSSL's type
         "generate a serial number");
    return 1 + static_cast<long>(serial);
}

void set_common_name(X509_NAME* name, std::string const& text) {
    auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data()); // NOLINT: OpenSSL's type
    must(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, bytes, static_cast<int>(text.size()),
                                    -1, 0),
         "set a subject name");
}

void set_issuer(X509* made, std::string const& instead, X509 const* issuer) {
    if (instead.empty()) {
        must(X509_set_issuer_name(made, X509_get_subject_name(issuer)), "set an issuer name");
        return;
    }
    owned<X509_NAME> const name(must(X509_NAME_new(), "set an issuer name"));
    set_common_name(name.get(), instead);
    must(X509_set_issuer_name(made, name.get()), "set an issuer name");
}

/// Adds extensions to one certificate.
class extender {
public:
    extender(X509* made, X509* issuer) : made_(made), configuration_(must(NCONF_new(nullptr), "configure")) {
        X509V3_set_ctx(&context_, issuer, made, nullptr, nullptr, 0);
        X509V3_set_nconf(&context_, configuration_.get()); // policies are not written without one
    }

    void add(std::string const& name, std::string const& value) {
        if (value.empty()) return;
        owned<X509_EXTENSION> const made(
            must(X509V3_EXT_nconf(configuration_.get(), &context_, name.c_str(), value.c_str()),
                 "create a certificate extension"));
        must(X509_add_ext(made_, made.get(), -1), "add a certificate extension");
    }

    /// Not through the configuration language, which splits at commas, NULs and line ends.
    void add(std::vector<alternative_name> const& names) {
        if (names.empty()) return;
        owned<GENERAL_NAMES> const list(must(sk_GENERAL_NAME_new_null(), "create names"));
        for (auto const& name : names) {
            owned<ASN1_STRING> value(
                must(ASN1_STRING_type_new(name.type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING),
                     "create a name"));
            must(ASN1_STRING_set(value.get(), name.bytes.data(), static_cast<int>(name.bytes.size())),
                 "create a name");
            owned<GENERAL_NAME> general(must(GENERAL_NAME_new(), "create a name"));
            GENERAL_NAME_set0_value(general.get(), name.type, value.release());
            must(sk_GENERAL_NAME_push(list.get(), general.get()), "create names");
            general.release(); // NOLINT(bugprone-unused-return-value): the list has it
        }
        must(X509_add1_ext_i2d(made_, NID_subject_alt_name, list.get(), 0, X509V3_ADD_DEFAULT), "add names");
    }

private:
    X509* made_;
    owned<CONF> configuration_;
    X509V3_CTX context_{};
};

void add_extensions(X509* made, X509* issuer, certificate_spec const& spec) {
    extender extensions(made, issuer);
    extensions.add("basicConstraints", spec.basic_constraints);
    extensions.add("keyUsage", spec.key_usage);
    extensions.add("extendedKeyUsage", spec.extended_key_usage);
    extensions.add(spec.names);
    if (spec.key_identifiers) {
        extensions.add("subjectKeyIdentifier", "hash");
        if (X509_get_ext_by_NID(issuer, NID_subject_key_identifier, -1) >= 0)
            extensions.add("authorityKeyIdentifier", "keyid");
    }
    for (auto const& [name, value] : spec.more)
        extensions.add(name, value);
}

/// Without an issuer the certificate is self-signed.
certificate make(certificate_spec const& spec, certificate const* issuer) {
    auto key = make_key(spec.key);
    owned<X509> made(must(X509_new(), "create a certificate"));
    auto* const x509 = made.get();
    auto* const by = issuer != nullptr ? issuer->native() : x509;
    must(X509_set_version(x509, spec.version_1 ? X509_VERSION_1 : X509_VERSION_3), "create a certificate");
    must(ASN1_INTEGER_set(X509_get_serialNumber(x509), spec.serial ? *spec.serial : random_serial()),
         "set a serial number");
    must(X509_gmtime_adj(X509_getm_notBefore(x509), spec.valid_from.count()), "set a validity date");
    must(X509_gmtime_adj(X509_getm_notAfter(x509), spec.valid_until.count()), "set a validity date");
    if (!spec.common_name.empty()) set_common_name(X509_get_subject_name(x509), spec.common_name);
    set_issuer(x509, spec.issuer_name, by);
    must(X509_set_pubkey(x509, key.get()), "create a certificate");
    if (!spec.version_1) add_extensions(x509, by, spec);
    auto const* const digest = must(EVP_get_digestbyname(spec.digest.c_str()), "find a digest");
    must(X509_sign(x509, issuer != nullptr ? issuer->key() : key.get(), digest), "sign a certificate");
    return {std::move(made), std::move(key)};
}

owned<BIO> memory() {
    return owned<BIO>(must(BIO_new(BIO_s_mem()), "write PEM"));
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

alternative_name parse_name(std::string_view text) {
    constexpr std::string_view mark = "DNS:";
    if (text.starts_with(mark)) return dns(std::string(text.substr(mark.size())));
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(text, not_an_address);
    return not_an_address ? dns(std::string(text)) : ip(std::string(text));
}

} // namespace

alternative_name dns(std::string name) {
    return {GEN_DNS, std::move(name)};
}

alternative_name ip(std::string const& address) {
    owned<ASN1_STRING> const octets(must(a2i_IPADDRESS(address.c_str()), "read an address"));
    auto const* const data = ASN1_STRING_get0_data(octets.get());
    return {GEN_IPADD, std::string(data, data + ASN1_STRING_length(octets.get()))};
}

alternative_name email(std::string mailbox) {
    return {GEN_EMAIL, std::move(mailbox)};
}

alternative_name uri(std::string identifier) {
    return {GEN_URI, std::move(identifier)};
}

certificate_spec server_spec(std::vector<alternative_name> names) {
    certificate_spec spec;
    spec.common_name = "equinix-sts mock";
    spec.names = std::move(names);
    return spec;
}

certificate_spec authority_spec(std::string common_name) {
    certificate_spec spec;
    spec.common_name = std::move(common_name);
    spec.basic_constraints = "critical,CA:TRUE";
    spec.key_usage = "critical,keyCertSign,cRLSign";
    spec.extended_key_usage.clear();
    return spec;
}

std::string certificate::pem() const {
    auto const bio = memory();
    must(PEM_write_bio_X509(bio.get(), certificate_.get()), "write PEM");
    return text_of(bio.get());
}

std::string certificate::key_pem(std::string const& passphrase) const {
    auto const bio = memory();
    auto const* const cipher = passphrase.empty() ? nullptr : EVP_aes_256_cbc();
    must(PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), cipher, passphrase.data(),
                                       static_cast<int>(passphrase.size()), nullptr, nullptr),
         "write PEM");
    return text_of(bio.get());
}

certificate issue(certificate_spec const& spec) {
    return make(spec, nullptr);
}

certificate issue(certificate_spec const& spec, certificate const& issuer) {
    return make(spec, &issuer);
}

server_identity make_server_identity(std::vector<std::string> const& names) {
    auto authority = authority_spec("equinix-sts mock authority");
    authority.basic_constraints = "critical,CA:TRUE,pathlen:0";
    auto const ca = issue(authority);
    std::vector<alternative_name> parsed;
    parsed.reserve(names.size());
    for (auto const& name : names)
        parsed.push_back(parse_name(name));
    auto const shown = issue(server_spec(std::move(parsed)), ca);
    return {ca.pem(), shown.pem(), shown.key_pem()};
}

} // namespace equinix::sts::testing
