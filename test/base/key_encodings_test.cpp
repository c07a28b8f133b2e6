#include "base/key_encodings.hpp"
#include "base/made_keys.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace base = equinix::sts::base;
using namespace test;

namespace {

base::openssl_ptr<PKCS8_PRIV_KEY_INFO> pkcs8_of(EVP_PKEY const* key) {
    return base::openssl_ptr<PKCS8_PRIV_KEY_INFO>(EVP_PKEY2PKCS8(key));
}

key_ptr traditional(std::string const& type, std::string_view der) {
    return type == "RSA" ? base::key_of_pkcs1(der) : base::key_of_sec1(der);
}

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

BOOST_AUTO_TEST_SUITE_END()
