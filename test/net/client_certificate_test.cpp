// The certificate that a client shows, and its key: files that can be used, and files that cannot (C13, C14,
// C21 of doc/faults.md).
#include "net/tls_settings.hpp"
#include "support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace net = equinix::sts::net;
using equinix::sts::secret;
using equinix::sts::testing::make_server_identity;
using test::contains;
using test::folder;
using test::identity;
using test::option_of;
using test::refused;

namespace {

equinix::sts::tls_options client_certificate() {
    equinix::sts::tls_options made;
    made.ca_pem = identity().ca_pem;
    made.client_certificate_pem = identity().certificate_pem;
    made.client_key_pem = secret(identity().key_pem);
    return made;
}

/// The key of `identity()`, encrypted by the real OpenSSL.
std::string encrypted_key(folder const& in) {
    auto const plain = in.file("plain.key", identity().key_pem);
    auto const path = (in.path() / "encrypted.key").string();
    auto* const file = std::fopen(plain.c_str(), "r");
    EVP_PKEY* const key = PEM_read_PrivateKey(file, nullptr, nullptr, nullptr);
    std::fclose(file);
    auto* const out = std::fopen(path.c_str(), "w");
    BOOST_REQUIRE(
        PEM_write_PKCS8PrivateKey(out, key, EVP_aes_256_cbc(), "open sesame", 11, nullptr, nullptr) == 1);
    std::fclose(out);
    EVP_PKEY_free(key);
    return path;
}

} // namespace

BOOST_AUTO_TEST_SUITE(tls_context)

BOOST_AUTO_TEST_CASE(C13_takes_a_client_certificate_from_memory_and_from_files) {
    folder const in;
    net::tls_context const from_memory(client_certificate());
    BOOST_TEST(SSL_CTX_get0_certificate(from_memory.native()) != nullptr);
    equinix::sts::tls_options files;
    files.ca_pem = identity().ca_pem;
    files.client_certificate_file = in.file("chain.pem", identity().certificate_pem + identity().ca_pem);
    files.client_key_file = in.file("key.pem", identity().key_pem);
    net::tls_context const from_files(files);
    STACK_OF(X509)* chain = nullptr;
    SSL_CTX_get0_chain_certs(from_files.native(), &chain);
    BOOST_TEST(sk_X509_num(chain) == 1);
}

BOOST_AUTO_TEST_CASE(C21_a_certificate_and_its_key_may_stand_in_one_file_in_any_order) {
    folder const in;
    auto const& [ca, shown, key] = identity();
    std::string const note = "Bag Attributes\n    friendlyName: client\n";
    for (auto const& text :
         {shown + key, key + shown, shown + ca + key, shown + key + ca, note + key + note + shown}) {
        equinix::sts::tls_options file;
        file.client_certificate_file = in.file("both.pem", text);
        net::tls_context const made(file);
        BOOST_TEST(SSL_CTX_check_private_key(made.native()) == 1);
        equinix::sts::tls_options memory;
        memory.client_certificate_pem = text;
        net::tls_context const from_memory(memory);
        BOOST_TEST(SSL_CTX_check_private_key(from_memory.native()) == 1);
        file.client_key_file = file.client_certificate_file; // as servers have it
        net::tls_context const named_twice(file);
        STACK_OF(X509)* chain = nullptr;
        SSL_CTX_get0_chain_certs(named_twice.native(), &chain);
        BOOST_TEST(std::max(sk_X509_num(chain), 0) == (contains(text, ca) ? 1 : 0));
    }
}

BOOST_AUTO_TEST_CASE(C21_a_file_without_the_key_is_named_and_what_to_do) {
    folder const in;
    equinix::sts::tls_options settings;
    settings.client_certificate_file = in.file("alone.pem", identity().certificate_pem);
    auto const message = refused(settings);
    BOOST_TEST(contains(message,
                        "client_options::tls.client_certificate_file: '" + settings.client_certificate_file),
               message);
    BOOST_TEST(contains(message, "set client_options::tls.client_key_file"), message);
    settings.client_certificate_file.clear();
    settings.client_certificate_pem = identity().certificate_pem;
    BOOST_TEST(contains(refused(settings),
                        "client_options::tls.client_certificate_pem contains no PEM private key"));
}

BOOST_AUTO_TEST_CASE(C14_C21_a_key_in_the_same_file_is_named_by_it) {
    folder const in;
    equinix::sts::tls_options settings;
    settings.client_certificate_file =
        in.file("foreign.pem", identity().certificate_pem + make_server_identity({"other.test"}).key_pem);
    auto const foreign = refused(settings);
    BOOST_TEST(contains(foreign, "the key in client_options::tls.client_certificate_file: "), foreign);
    BOOST_TEST(contains(foreign, "does not belong"), foreign);
    std::ifstream encrypted(encrypted_key(in));
    std::string const key{std::istreambuf_iterator<char>(encrypted), {}};
    settings.client_certificate_file = in.file("both.pem", key + identity().certificate_pem);
    auto const message = refused(settings);
    BOOST_TEST(contains(message, "the key in client_options::tls.client_certificate_file: "), message);
    BOOST_TEST(contains(message, "is encrypted: set client_options::tls.client_key_passphrase"), message);
    settings.client_key_passphrase = [] { return secret("open sesame"); };
    net::tls_context const made(settings);
    BOOST_TEST(SSL_CTX_check_private_key(made.native()) == 1);
}

BOOST_AUTO_TEST_CASE(C14_a_key_of_another_certificate_is_refused) {
    auto settings = client_certificate();
    settings.client_key_pem = secret(make_server_identity({"other.test"}).key_pem);
    auto const message = refused(settings);
    BOOST_TEST(contains(message, "client_options::tls.client_key_pem"));
    BOOST_TEST(contains(message, "does not belong"));
}

BOOST_AUTO_TEST_CASE(C14_an_encrypted_key_asks_for_its_passphrase) {
    folder const in;
    auto settings = client_certificate();
    settings.client_key_pem = secret();
    settings.client_key_file = encrypted_key(in);
    BOOST_TEST(contains(refused(settings), "is encrypted"));
    settings.client_key_passphrase = [] { return secret("canary"); };
    auto const message = refused(settings);
    BOOST_TEST(contains(message, "wrong passphrase"));
    BOOST_TEST(!contains(message, "canary"));
    settings.client_key_passphrase = [] { return secret("open sesame"); };
    net::tls_context const made(settings);
    BOOST_TEST(SSL_CTX_get0_privatekey(made.native()) != nullptr);
}

BOOST_AUTO_TEST_CASE(a_passphrase_callback_may_throw) {
    folder const in;
    auto settings = client_certificate();
    settings.client_key_pem = secret();
    settings.client_key_file = encrypted_key(in);
    settings.client_key_passphrase = []() -> secret { throw std::out_of_range("no vault"); };
    BOOST_CHECK_THROW(net::tls_context const made(settings), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(C14_a_certificate_and_its_key_come_together_and_from_one_place) {
    auto settings = client_certificate();
    settings.client_key_pem = secret();
    BOOST_TEST(contains(refused(settings), "contains no PEM private key"));
    settings = client_certificate();
    settings.client_certificate_pem.clear();
    BOOST_TEST(contains(refused(settings), "client_certificate_file is missing"));
    settings = client_certificate();
    settings.client_certificate_file = "x";
    BOOST_TEST(contains(refused(settings), "exclude each other"));
    settings = client_certificate();
    settings.client_key_file = "x";
    BOOST_TEST(contains(refused(settings), "exclude each other"));
    settings = client_certificate();
    settings.client_key_pem = secret("canary");
    auto const message = refused(settings);
    BOOST_TEST(contains(message, "contains no PEM private key"));
    BOOST_TEST(!contains(message, "canary"));
}

BOOST_AUTO_TEST_CASE(L25_an_error_of_a_client_certificate_names_the_option) {
    folder const in;
    auto settings = client_certificate();
    settings.client_key_pem = secret(make_server_identity({"other.test"}).key_pem);
    BOOST_TEST(option_of(settings) == "client_options::tls.client_key_pem");
    settings.client_certificate_pem.clear();
    BOOST_TEST(option_of(settings) == "client_options::tls.client_certificate_file"); // it is missing
    settings.client_certificate_file = in.file("garbage", "canary");
    BOOST_TEST(option_of(settings) == "client_options::tls.client_certificate_file");
    settings.client_certificate_file = in.file("alone.pem", identity().certificate_pem);
    settings.client_key_pem = secret();
    BOOST_TEST(option_of(settings) == "client_options::tls.client_key_file"); // it is missing
    settings.client_key_file = encrypted_key(in);
    BOOST_TEST(option_of(settings) == "client_options::tls.client_key_passphrase");
    settings.client_key_passphrase = [] { return secret("wrong"); };
    BOOST_TEST(option_of(settings) == "client_options::tls.client_key_passphrase");
    settings.client_key_pem = secret("both");
    BOOST_TEST(option_of(settings) == "client_options::tls.client_key_file");
}

BOOST_AUTO_TEST_SUITE_END()
