// An OpenSSL that cannot be used is told as that. It reads its configuration once in a process, and each case
// has one.
#include "support/process.hpp"
#include "support/refused.hpp"

#include <equinix/sts.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdlib>

using namespace test;
namespace sts = equinix::sts;

namespace {

struct fixture {
    /// What a client that is made under this configuration throws.
    sts::error_info refused(std::string const& configuration) const {
        auto const path = files.file("openssl.cnf", configuration);
        ::setenv("OPENSSL_CONF", path.c_str(), 1);
        boost::asio::io_context context;
        try {
            sts::client const made(context.get_executor());
        } catch (sts::error const& why) {
            BOOST_TEST(contains(why.info().message, path));
            return why.info();
        }
        BOOST_FAIL("a client was made");
        return {};
    }

    folder files;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(openssl_that_cannot_be_used, fixture)

BOOST_AUTO_TEST_CASE(L9_without_its_default_provider) {
    auto const info = refused("openssl_conf = all\n[all]\nproviders = those\n[those]\nlegacy = this\n[this]\n"
                              "activate = 1\n");
    BOOST_TEST((info.kind == sts::error_kind::config));
    BOOST_TEST(contains(info.message, "OpenSSL cannot create a TLS context: "), info.message);
    BOOST_TEST(!contains(info.message, "no reason"), info.message);
}

BOOST_AUTO_TEST_CASE(L9_with_properties_that_nothing_has) {
    auto const info = refused(
        "openssl_conf = all\n[all]\nalg_section = algorithms\n[algorithms]\ndefault_properties = fips=yes\n");
    BOOST_TEST((info.kind == sts::error_kind::config));
    BOOST_TEST(!contains(info.message, "no reason"), info.message);
}

BOOST_AUTO_TEST_SUITE_END()
