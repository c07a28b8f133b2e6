#include "base/key_encodings.hpp"
#include "base/private_key.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace base = equinix::sts::base;

namespace {

using key_ptr = base::openssl_ptr<EVP_PKEY>;

key_ptr made(std::string const& type) {
    auto* const name = const_cast<char*>(type.c_str());
    return key_ptr(type == "RSA"            ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t(2048))
                   : type.starts_with("P-") ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", name)
                                            : EVP_PKEY_Q_keygen(nullptr, nullptr, name));
}

std::string der_of(EVP_PKEY const* key) {
    unsigned char* made = nullptr;
    auto const size = i2d_PrivateKey(key, &made);
    BOOST_REQUIRE(size > 0);
    std::string der(reinterpret_cast<char const*>(made), static_cast<std::size_t>(size));
    OPENSSL_free(made);
    return der;
}

base::openssl_ptr<PKCS8_PRIV_KEY_INFO> pkcs8_of(EVP_PKEY const* key) {
    return base::openssl_ptr<PKCS8_PRIV_KEY_INFO>(EVP_PKEY2PKCS8(key));
}

key_ptr traditional(std::string const& type, std::string_view der) {
    return type == "RSA" ? base::key_of_pkcs1(der) : base::key_of_sec1(der);
}

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

auto const types = boost::unit_test::data::make(
    std::vector<std::string>{"RSA", "P-256", "P-384", "P-521", "ED25519", "ED448"});
auto const traditional_types =
    boost::unit_test::data::make(std::vector<std::string>{"RSA", "P-256", "P-384", "P-521"});

} // namespace

BOOST_AUTO_TEST_SUITE(key_encodings)

BOOST_DATA_TEST_CASE(pkcs8_gives_the_key, types, type) {
    auto const key = made(type);
    auto const read = base::key_of_pkcs8(*pkcs8_of(key.get()));
    BOOST_REQUIRE(read);
    BOOST_TEST(der_of(read.get()) == der_of(key.get()));
}

BOOST_DATA_TEST_CASE(the_traditional_form_gives_the_key, traditional_types, type) {
    auto const key = made(type);
    auto const read = traditional(type, der_of(key.get()));
    BOOST_REQUIRE(read);
    BOOST_TEST(der_of(read.get()) == der_of(key.get()));
}

BOOST_DATA_TEST_CASE(what_is_cut_off_or_goes_on_is_no_key, traditional_types, type) {
    auto const der = der_of(made(type).get());
    std::size_t read = 0;
    for (std::size_t size = 0; size < der.size(); ++size) {
        // In memory of its own, so that a sanitizer sees a look behind its end.
        std::vector<char> const part(der.begin(), der.begin() + static_cast<std::ptrdiff_t>(size));
        if (traditional(type, {part.data(), part.size()})) ++read;
    }
    BOOST_TEST(read == 0U);
    auto longer = der;
    longer.push_back('\0');
    longer[3] = static_cast<char>(longer[3] + 1); // the sequence contains what was added
    BOOST_TEST(!traditional(type, longer));
}

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

BOOST_AUTO_TEST_CASE(an_ec_key_without_its_public_half_gets_it) {
    auto const key = made("P-256");
    EVP_PKEY_set_int_param(key.get(), OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, 0);
    auto const short_form = der_of(key.get());
    auto const read = base::key_of_sec1(short_form);
    BOOST_REQUIRE(read);
    BOOST_TEST(EVP_PKEY_eq(read.get(), key.get()) == 1);
    EVP_PKEY_set_int_param(key.get(), OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, 1);
    BOOST_TEST(short_form.size() < der_of(key.get()).size());
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
