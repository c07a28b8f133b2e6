// Private keys that a test makes, of each type that can be read.
#pragma once

#include "base/openssl_ptr.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/evp.h>

#include <cstddef>
#include <string>
#include <vector>

namespace test {

namespace base = equinix::sts::base;

using key_ptr = base::openssl_ptr<EVP_PKEY>;

inline key_ptr made(std::string const& type) {
    auto* const name = const_cast<char*>(type.c_str());
    return key_ptr(type == "RSA"            ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t(2048))
                   : type.starts_with("P-") ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", name)
                                            : EVP_PKEY_Q_keygen(nullptr, nullptr, name));
}

inline std::string der_of(EVP_PKEY const* key) {
    unsigned char* made = nullptr;
    auto const size = i2d_PrivateKey(key, &made);
    BOOST_REQUIRE(size > 0);
    std::string der(reinterpret_cast<char const*>(made), static_cast<std::size_t>(size));
    OPENSSL_free(made);
    return der;
}

inline auto const types = boost::unit_test::data::make(
    std::vector<std::string>{"RSA", "P-256", "P-384", "P-521", "ED25519", "ED448"});

} // namespace test
