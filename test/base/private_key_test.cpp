// PEM texts of private keys.
#include "base/made_keys.hpp"
#include "base/private_key.hpp"

#include <equinix/sts/secret.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstddef>
#include <functional>
#include <string>

namespace base = equinix::sts::base;
using namespace test;

namespace {

/// The text that OpenSSL writes: by PKCS #8 or traditional, encrypted or not.
std::string pem_of(EVP_PKEY* key, bool is_traditional, bool is_encrypted) {
    base::openssl_ptr<BIO> const out(BIO_new(BIO_s_mem()));
    auto* const word = is_encrypted ? reinterpret_cast<unsigned char*>(const_cast<char*>("word")) : nullptr;
    auto const* const cipher = is_encrypted ? EVP_aes_128_cbc() : nullptr;
    auto const written =
        is_traditional
            ? PEM_write_bio_PrivateKey_traditional(out.get(), key, cipher, word, 4, nullptr, nullptr)
            : PEM_write_bio_PrivateKey(out.get(), key, cipher, word, 4, nullptr, nullptr);
    BOOST_REQUIRE(written == 1);
    char* text = nullptr;
    auto const size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(key_encodings)

BOOST_DATA_TEST_CASE(each_text_that_openssl_writes_is_read, types, type) {
    auto const key = made(type);
    bool const has_traditional = type == "RSA" || type.starts_with("P-");
    for (bool const is_traditional : {false, true})
        for (bool const is_encrypted : {false, true}) {
            if (is_traditional && !has_traditional) continue;
            std::function<equinix::sts::secret()> const ask = [] { return equinix::sts::secret("word"); };
            base::passphrase_request request(ask);
            auto const read =
                base::read_private_key(pem_of(key.get(), is_traditional, is_encrypted), request);
            BOOST_REQUIRE(read);
            BOOST_TEST(der_of(read.get()) == der_of(key.get()));
            BOOST_TEST(request.was_asked() == is_encrypted);
        }
}

BOOST_AUTO_TEST_CASE(the_first_key_of_a_text_is_taken) {
    auto const first = made("P-256"), second = made("P-384");
    std::function<equinix::sts::secret()> const none;
    base::passphrase_request request(none);
    auto const text = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" +
                      pem_of(first.get(), true, false) + pem_of(second.get(), false, false);
    auto const read = base::read_private_key(text, request);
    BOOST_REQUIRE(read);
    BOOST_TEST(EVP_PKEY_eq(read.get(), first.get()) == 1);
}

BOOST_AUTO_TEST_CASE(a_text_with_the_line_ends_of_windows_is_read) {
    auto const key = made("RSA");
    auto text = pem_of(key.get(), false, false);
    for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2))
        text.insert(at, 1, '\r');
    std::function<equinix::sts::secret()> const none;
    base::passphrase_request request(none);
    auto const read = base::read_private_key(text, request);
    BOOST_REQUIRE(read);
    BOOST_TEST(EVP_PKEY_eq(read.get(), key.get()) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
