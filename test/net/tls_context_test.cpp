// Which authorities a client trusts: files that can be used, and files that cannot (B20 of doc/faults.md).
#include "net/tls_settings.hpp"
#include "support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <filesystem>
#include <string>

namespace base = equinix::sts::base;
namespace net = equinix::sts::net;
namespace fs = std::filesystem;
using equinix::sts::testing::make_server_identity;
using test::contains;
using test::folder;
using test::identity;
using test::option_of;
using test::refused;

namespace {

std::size_t trusted(equinix::sts::tls_options const& settings) {
    net::tls_context const made(settings);
    return static_cast<std::size_t>(
        sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(made.native()))));
}

} // namespace

BOOST_AUTO_TEST_SUITE(tls_context)

BOOST_AUTO_TEST_CASE(B20_names_the_file_of_authorities_that_cannot_be_used) {
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
        equinix::sts::tls_options settings;
        settings.ca_file = path;
        auto const message = refused(settings);
        BOOST_TEST(contains(message, "client_options::tls.ca_file"), path);
        BOOST_TEST(contains(message, path), message);
        BOOST_TEST(!contains(message, "canary"), message);
    }
}

BOOST_AUTO_TEST_CASE(B20_refuses_authorities_in_memory_that_cannot_be_used) {
    equinix::sts::tls_options settings;
    settings.ca_pem = "canary";
    BOOST_TEST(contains(refused(settings), "client_options::tls.ca_pem"));
}

BOOST_AUTO_TEST_CASE(trusts_the_systems_authorities_by_default) {
    net::tls_context const made{equinix::sts::tls_options()};
    BOOST_TEST(made.native() != nullptr);
    BOOST_TEST(made.verifies());
}

BOOST_AUTO_TEST_CASE(trusts_every_certificate_of_a_folder_and_of_the_other_sources) {
    folder const in;
    in.file("one.pem", identity().ca_pem);
    in.file("two.crt", make_server_identity({"other.test"}).ca_pem);
    in.file("README", "not a certificate");
    fs::create_symlink("one.pem", in.path() / "5ed36f99.0");
    fs::create_directory(in.path() / "more");
    equinix::sts::tls_options settings;
    settings.ca_directory = in.path().string();
    BOOST_TEST(trusted(settings) == 2U);
    settings.ca_pem = make_server_identity({"third.test"}).ca_pem;
    BOOST_TEST(trusted(settings) == 3U);
}

BOOST_AUTO_TEST_CASE(B20_names_the_folder_of_authorities_that_cannot_be_used) {
    folder const in;
    equinix::sts::tls_options settings;
    settings.ca_directory = in.path().string();
    BOOST_TEST(contains(refused(settings), "contains no PEM certificate"));
    in.file("broken.pem", "-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----\n");
    BOOST_TEST(contains(refused(settings), "broken.pem"));
    settings.ca_directory = (in.path() / "missing").string();
    BOOST_TEST(contains(refused(settings), "client_options::tls.ca_directory"));
}

BOOST_AUTO_TEST_CASE(C10_keeps_a_bounded_number_of_sessions) {
    net::tls_session_cache cache(true);
    for (int i = 0; i < 10'000; ++i)
        cache.put(base::openssl_ptr<SSL_SESSION>(SSL_SESSION_new()).get());
    BOOST_TEST(cache.size() == 32U);
    BOOST_TEST(cache.take() == nullptr); // none of them can be resumed
    BOOST_TEST(cache.size() == 0U);
}

BOOST_AUTO_TEST_CASE(C21_no_file_of_authorities_may_hold_a_key) {
    equinix::sts::tls_options settings;
    settings.ca_pem = identity().ca_pem + identity().key_pem;
    BOOST_TEST(contains(refused(settings), "client_options::tls.ca_pem contains a private key"));
}

BOOST_AUTO_TEST_CASE(L25_an_error_of_authorities_names_the_option) {
    folder const in;
    equinix::sts::tls_options file, directory, text;
    for (auto const& path : {(in.path() / "missing").string(), in.file("garbage", "canary"),
                             in.file("cut", "-----BEGIN CERTIFICATE-----\nMIIB")}) {
        file.ca_file = path;
        BOOST_TEST(option_of(file) == "client_options::tls.ca_file");
    }
    directory.ca_directory = in.path().string();
    BOOST_TEST(option_of(directory) == "client_options::tls.ca_directory");
    directory.ca_directory += "/missing";
    BOOST_TEST(option_of(directory) == "client_options::tls.ca_directory");
    text.ca_pem = "canary";
    BOOST_TEST(option_of(text) == "client_options::tls.ca_pem");
}

BOOST_AUTO_TEST_SUITE_END()
