#include "testing/certificates.hpp"

#include "testing/openssl.hpp"

#include <boost/asio/ip/address.hpp>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace equinix::sts::testing {
namespace {

void add_extension(X509* certificate, X509* issuer, int nid, std::string const& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    owned<X509_EXTENSION> const extension(
        must(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), "make a certificate extension"));
    must(X509_add_ext(certificate, extension.get(), -1), "add a certificate extension");
}

owned<X509> make_certificate(EVP_PKEY* key, char const* common_name, long serial) {
    constexpr long hour = 3600;
    owned<X509> certificate(must(X509_new(), "make a certificate"));
    must(X509_set_version(certificate.get(), X509_VERSION_3), "make a certificate");
    must(ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial), "make a certificate");
    must(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -hour), "make a certificate");
    must(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24 * hour), "make a certificate");
    auto const* const name = reinterpret_cast<unsigned char const*>(common_name); // NOLINT: OpenSSL's type
    must(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC, name, -1,
                                    -1, 0),
         "name a certificate");
    must(X509_set_pubkey(certificate.get(), key), "make a certificate");
    return certificate;
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string to_pem(X509* certificate) {
    owned<BIO> const bio(must(BIO_new(BIO_s_mem()), "write PEM"));
    must(PEM_write_bio_X509(bio.get(), certificate), "write PEM");
    return text_of(bio.get());
}

std::string to_pem(EVP_PKEY* key) {
    owned<BIO> const bio(must(BIO_new(BIO_s_mem()), "write PEM"));
    must(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr), "write PEM");
    return text_of(bio.get());
}

std::string alternative_names(std::vector<std::string> const& names) {
    std::string list;
    for (auto const& name : names) {
        boost::system::error_code not_an_address;
        boost::asio::ip::make_address(name, not_an_address);
        if (!list.empty()) list += ",";
        if (!name.starts_with("DNS:")) list += not_an_address ? "DNS:" : "IP:";
        list += name;
    }
    return list;
}

} // namespace

server_identity make_server_identity(std::vector<std::string> const& names) {
    owned<EVP_PKEY> const ca_key(must(EVP_EC_gen("P-256"), "make a key"));
    auto const ca = make_certificate(ca_key.get(), "equinix-sts mock authority", 1);
    must(X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get())), "make a certificate");
    add_extension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
    must(X509_sign(ca.get(), ca_key.get(), EVP_sha256()), "sign a certificate");

    owned<EVP_PKEY> const key(must(EVP_EC_gen("P-256"), "make a key"));
    auto const certificate = make_certificate(key.get(), "equinix-sts mock", 2);
    must(X509_set_issuer_name(certificate.get(), X509_get_subject_name(ca.get())), "make a certificate");
    add_extension(certificate.get(), ca.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), ca.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(certificate.get(), ca.get(), NID_ext_key_usage, "serverAuth");
    add_extension(certificate.get(), ca.get(), NID_subject_alt_name, alternative_names(names));
    add_extension(certificate.get(), ca.get(), NID_authority_key_identifier, "keyid");
    must(X509_sign(certificate.get(), ca_key.get(), EVP_sha256()), "sign a certificate");

    return {to_pem(ca.get()), to_pem(certificate.get()), to_pem(key.get())};
}

} // namespace equinix::sts::testing
