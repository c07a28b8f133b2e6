// Generates certificates in memory: correct ones for the mock, and wrong ones of every kind for the tests.
#pragma once

#include "testing/openssl.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace equinix::sts::testing {

enum class key_type { p256, rsa_1024, rsa_2048 };

/// A subject alternative name, put into the certificate unchanged, right or wrong.
struct alternative_name {
    int type = 0;      ///< OpenSSL's GEN_DNS, GEN_IPADD, GEN_EMAIL or GEN_URI
    std::string bytes; ///< text, or an address in network order
};

alternative_name dns(std::string name);
alternative_name ip(std::string const& address);
alternative_name email(std::string mailbox);
alternative_name uri(std::string identifier);

/// An extension in OpenSSL's configuration language: `{"nameConstraints", "critical,permitted;DNS:a.test"}`,
/// or by an OID: `{"1.2.3.4", "critical,DER:05:00"}`.
struct extension {
    std::string name;
    std::string value;
};

/// What to generate. The defaults are a server's certificate without names; an empty extension is omitted.
struct certificate_spec {
    std::string common_name;
    std::string issuer_name; ///< written instead of the issuer's own name
    std::vector<alternative_name> names;
    std::string basic_constraints = "critical,CA:FALSE";
    std::string key_usage = "critical,digitalSignature";
    std::string extended_key_usage = "serverAuth";
    bool key_identifiers = true; ///< the identifiers of subject and authority
    std::vector<extension> more;
    std::chrono::seconds valid_from = std::chrono::hours(-1); ///< relative to now, like the next
    std::chrono::seconds valid_until = std::chrono::hours(24);
    key_type key = key_type::p256;
    std::string digest = "SHA256"; ///< of its signature
    bool version_1 = false;        ///< without any extension
    std::optional<long> serial;    ///< otherwise random
};

/// The specification of a server's certificate.
certificate_spec server_spec(std::vector<alternative_name> names);

/// The specification of an authority's certificate.
certificate_spec authority_spec(std::string common_name);

/// A certificate with its key, so that it can issue others.
class certificate {
public:
    certificate(owned<X509> made, owned<EVP_PKEY> key)
        : certificate_(std::move(made)), key_(std::move(key)) {}

    std::string pem() const;

    /// The key, unencrypted or encrypted with the passphrase.
    std::string key_pem(std::string const& passphrase = {}) const;

    X509* native() const noexcept { return certificate_.get(); }
    EVP_PKEY* key() const noexcept { return key_.get(); }

private:
    owned<X509> certificate_;
    owned<EVP_PKEY> key_;
};

/// Creates a certificate signed by its own key.
certificate issue(certificate_spec const& spec);

/// Creates a certificate signed by the issuer's key, whether or not the issuer may do that.
certificate issue(certificate_spec const& spec, certificate const& issuer);

struct server_identity {
    std::string ca_pem;          ///< what a client must trust
    std::string certificate_pem; ///< what the server presents
    std::string key_pem;         ///< the certificate's key
};

/// `names` are DNS names or IP addresses; a name that begins with "DNS:" is written as a DNS name whatever
/// follows. Valid from one hour ago, for a day.
server_identity make_server_identity(std::vector<std::string> const& names);

} // namespace equinix::sts::testing
