#include "testing/certificates.hpp"

#include <boost/test/unit_test.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>

#include <string>

using namespace equinix::sts::testing;

namespace {

owned<EVP_PKEY> open_key(std::string const& pem, std::string passphrase) {
    owned<BIO> const bio(must(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), "read PEM"));
    owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, passphrase.data()));
    ERR_clear_error();
    return key;
}

} // namespace

BOOST_AUTO_TEST_SUITE(certificates)

BOOST_AUTO_TEST_CASE(a_key_is_written_in_the_clear_or_encrypted) {
    auto const made = issue(server_spec({dns("a.test")}));
    auto const plain = open_key(made.key_pem(), "");
    BOOST_REQUIRE(plain);
    BOOST_TEST(X509_check_private_key(made.native(), plain.get()) == 1);

    auto const encrypted = made.key_pem("open sesame");
    BOOST_TEST(encrypted.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    BOOST_TEST(!open_key(encrypted, "guessed"));
    BOOST_TEST(EVP_PKEY_eq(plain.get(), open_key(encrypted, "open sesame").get()) == 1);
}

BOOST_AUTO_TEST_CASE(a_certificate_bears_what_was_specified) {
    auto spec = authority_spec("one");
    spec.key = key_type::rsa_1024;
    spec.digest = "SHA1";
    spec.serial = 7;
    auto const authority = issue(spec);
    BOOST_TEST(X509_check_ca(authority.native()) == 1);
    BOOST_TEST(EVP_PKEY_get_bits(authority.key()) == 1024);
    BOOST_TEST(X509_get_signature_nid(authority.native()) == NID_sha1WithRSAEncryption);
    BOOST_TEST(ASN1_INTEGER_get(X509_get0_serialNumber(authority.native())) == 7);

    spec = server_spec({});
    spec.version_1 = true;
    auto const old = issue(spec, authority);
    BOOST_TEST(X509_get_version(old.native()) == X509_VERSION_1);
    BOOST_TEST(X509_get_ext_count(old.native()) == 0);
    BOOST_TEST(X509_verify(old.native(), authority.key()) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
