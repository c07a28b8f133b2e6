#include "net/tls_context.hpp"
#include "support/process.hpp"
#include "support/refused.hpp"

#include <boost/test/unit_test.hpp>

namespace net = equinix::sts::net;
using test::contains;
using test::folder;
using test::refusal;

BOOST_AUTO_TEST_SUITE(tls_context)

// B20
BOOST_AUTO_TEST_CASE(names_the_file_of_authorities_that_cannot_be_used) {
    folder const in;
    std::string const bad[] = {
        (in.path() / "missing").string(),
        in.path().string(),
        in.file("empty", ""),
        in.file("garbage", "canary"),
        in.file("broken", "-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----\n"),
        in.file("cut", "-----BEGIN CERTIFICATE-----\nMIIB"),
        in.file("key", "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n"),
    };
    for (auto const& path : bad) {
        auto const message = refusal([&] { net::tls_context const made(path, ""); });
        BOOST_TEST(contains(message, "client_options::ca_file"), path);
        BOOST_TEST(contains(message, path), message);
        BOOST_TEST(!contains(message, "canary"), message);
    }
}

BOOST_AUTO_TEST_CASE(refuses_authorities_in_memory_that_cannot_be_used) {
    BOOST_TEST(
        contains(refusal([] { net::tls_context const made("", "canary"); }), "client_options::ca_pem"));
}

BOOST_AUTO_TEST_CASE(trusts_the_systems_authorities_by_default) {
    net::tls_context const made("", "");
    BOOST_TEST(made.native() != nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
