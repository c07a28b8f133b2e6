// What tells OpenSSL which authorities are the system's.
#pragma once

#include "testing/certificates.hpp"

#include <openssl/x509.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

namespace test {

/// `SSL_CERT_FILE` and `SSL_CERT_DIR`, unset until a test sets them; in the end as before.
class authority_variables {
public:
    authority_variables() {
        file(std::nullopt);
        folders(std::nullopt);
    }
    authority_variables(authority_variables const&) = delete;
    authority_variables& operator=(authority_variables const&) = delete;
    ~authority_variables() {
        file(before_[0]);
        folders(before_[1]);
    }

    static void file(std::optional<std::string> const& value) { assign("SSL_CERT_FILE", value); }
    static void folders(std::optional<std::string> const& value) { assign("SSL_CERT_DIR", value); }

private:
    static std::optional<std::string> value_of(char const* name) {
        auto const* const value = std::getenv(name);
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    }
    static void assign(char const* name, std::optional<std::string> const& value) {
        if (value)
            ::setenv(name, value->c_str(), 1);
        else
            ::unsetenv(name);
    }

    std::array<std::optional<std::string>, 2> const before_{value_of("SSL_CERT_FILE"),
                                                            value_of("SSL_CERT_DIR")};
};

/// The name of the file in which OpenSSL looks for an authority in a folder: a hash of its subject.
inline std::string hashed_name(equinix::sts::testing::certificate const& of) {
    std::array<char, 24> name{};
    std::snprintf(name.data(), name.size(), "%08lx.0", X509_subject_name_hash(of.native()));
    return name.data();
}

} // namespace test
