// What the system's own configuration of OpenSSL may change of the rules for TLS, and what not.
#include "net/tls_context.hpp"
#include "support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>

namespace {

namespace net = equinix::sts::net;

/// The rules of a context that is made under a configuration. OpenSSL reads that once in a process.
struct configured {
    configured(std::string const& min_protocol, std::string const& cipher_string) {
        auto const path = (files.path() / "openssl.cnf").string();
        std::ofstream(path) << "openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = rules\n"
                            << "[rules]\nMinProtocol = " << min_protocol
                            << "\nCipherString = " << cipher_string << '\n';
        ::setenv("OPENSSL_CONF", path.c_str(), 1);
        net::tls_context const context{equinix::sts::tls_options()};
        min_version = SSL_CTX_get_min_proto_version(context.native());
        level = SSL_CTX_get_security_level(context.native());
    }

    test::folder files;
    long min_version = 0;
    int level = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(policy_of_the_system)

BOOST_AUTO_TEST_CASE(C2_stands_where_it_is_stricter) {
    configured const strict("TLSv1.3", "DEFAULT@SECLEVEL=3");
    BOOST_TEST(strict.min_version == TLS1_3_VERSION);
    BOOST_TEST(strict.level == 3);
}

BOOST_AUTO_TEST_CASE(C2_C3_weakens_nothing) {
    configured const lax("TLSv1", "DEFAULT@SECLEVEL=0");
    BOOST_TEST(lax.min_version == TLS1_2_VERSION);
    BOOST_TEST(lax.level == 2);
}

BOOST_AUTO_TEST_SUITE_END()
