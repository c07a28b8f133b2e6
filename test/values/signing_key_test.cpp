// Keys that sign: which are taken, what they are called, what they sign (section O of doc/faults.md).
#include "base/base64.hpp"
#include "support/refused.hpp"
#include "testing/public_key.hpp"
#include "values/jws.hpp"

#include <equinix/sts/keys.hpp>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/pem.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

namespace sts = equinix::sts;
namespace base = equinix::sts::base;
namespace json = boost::json;
using sts::signing_algorithm;
using sts::signing_key;

namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string text_of(BIO* memory) {
    char* data = nullptr;
    auto const size = BIO_get_mem_data(memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string private_pem(EVP_PKEY* key, char const* passphrase = nullptr) {
    std::unique_ptr<BIO, decltype(&BIO_free)> const memory(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PKCS8PrivateKey(memory.get(), key, passphrase != nullptr ? EVP_aes_256_cbc() : nullptr,
                                  nullptr, 0, nullptr, const_cast<char*>(passphrase)); // NOLINT
    return text_of(memory.get());
}

std::string public_pem(EVP_PKEY* key) {
    std::unique_ptr<BIO, decltype(&BIO_free)> const memory(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PUBKEY(memory.get(), key);
    return text_of(memory.get());
}

key_ptr made(EVP_PKEY* key) {
    return {key, EVP_PKEY_free};
}

/// A PKCS #8 text from its bytes in base64.
std::string pkcs8(std::string const& base64) {
    return "-----BEGIN PRIVATE KEY-----\n" + base64 + "\n-----END PRIVATE KEY-----\n";
}

json::object jwk_of(signing_key const& key) {
    return json::parse(key.public_jwk()).as_object();
}

std::string why_refused(std::string const& pem, signing_key::passphrase_callback const& passphrase = {},
                        std::optional<signing_algorithm> algorithm = std::nullopt) {
    return test::refusal([&] { signing_key::from_pem(pem, passphrase, algorithm); });
}

bool contains(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

constexpr signing_algorithm all[] = {signing_algorithm::es256, signing_algorithm::es384,
                                     signing_algorithm::es512, signing_algorithm::eddsa,
                                     signing_algorithm::rs256, signing_algorithm::ps256};

} // namespace

BOOST_AUTO_TEST_SUITE(signing_keys)

BOOST_AUTO_TEST_CASE(each_algorithm_signs_what_its_public_half_verifies) {
    for (auto const algorithm : all) {
        auto const key = signing_key::generate(algorithm);
        BOOST_TEST((key.algorithm() == algorithm));
        auto const half = sts::testing::public_key(jwk_of(key));
        BOOST_REQUIRE(half);
        auto const signature = key.sign("a text");
        BOOST_TEST(sts::values::jws_verify(half.get(), algorithm, "a text", signature));
        BOOST_TEST(!sts::values::jws_verify(half.get(), algorithm, "another text", signature));
        BOOST_TEST(!sts::values::jws_verify(half.get(), algorithm, "a text", signature.substr(1)));
    }
}

BOOST_AUTO_TEST_CASE(threads_sign_with_one_key_at_once) {
    for (auto const algorithm : all) {
        auto const key = signing_key::generate(algorithm);
        auto const half = sts::testing::public_key(jwk_of(key));
        std::array<std::vector<std::string>, 4> signatures;
        {
            std::vector<std::jthread> threads;
            for (auto& into : signatures)
                threads.emplace_back([&into, &key] {
                    for (int i = 0; i < 10; ++i)
                        into.push_back(key.sign("text " + std::to_string(i)));
                });
        }
        for (auto const& from : signatures)
            for (std::size_t i = 0; i < from.size(); ++i)
                BOOST_TEST(
                    sts::values::jws_verify(half.get(), algorithm, "text " + std::to_string(i), from[i]));
    }
}

BOOST_AUTO_TEST_CASE(a_signature_of_ecdsa_is_two_numbers_of_fixed_length) {
    for (int i = 0; i < 200; ++i) { // one in 256 begins with a zero
        BOOST_TEST(signing_key::generate().sign("a text").size() == 64U);
    }
    BOOST_TEST(signing_key::generate(signing_algorithm::es384).sign("a text").size() == 96U);
    BOOST_TEST(signing_key::generate(signing_algorithm::es512).sign("a text").size() == 132U);
}

BOOST_AUTO_TEST_CASE(only_quick_keys_of_this_process_sign_inline) {
    BOOST_TEST(signing_key::generate(signing_algorithm::es256).signs_inline());
    BOOST_TEST(signing_key::generate(signing_algorithm::eddsa).signs_inline());
    BOOST_TEST(!signing_key::generate(signing_algorithm::rs256).signs_inline());
}

BOOST_AUTO_TEST_CASE(names_of_algorithms_are_those_of_jws) {
    for (auto const algorithm : all)
        BOOST_TEST((sts::signing_algorithm_from(to_string(algorithm)) == algorithm));
    BOOST_TEST(to_string(signing_algorithm::eddsa) == "EdDSA");
    for (auto const* const other : {"", "es256", "none", "HS256", "ES256K"})
        BOOST_TEST(!sts::signing_algorithm_from(other));
}

// RFC 8037 appendices A.1 to A.4.
BOOST_AUTO_TEST_CASE(the_example_of_rfc_8037_is_signed_as_there) {
    auto const seed = base::base64url_decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    BOOST_REQUIRE(seed);
    std::string bytes("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16);
    bytes.append(base::view(*seed));
    base::wiped_buffer encoded;
    base::base64_encode(encoded, bytes);
    auto const key = signing_key::from_pem(pkcs8(std::string(base::view(encoded))));
    BOOST_TEST(key.public_jwk() ==
               R"({"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
    BOOST_TEST(key.thumbprint() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    base::wiped_buffer signature;
    base::base64url_encode(signature, key.sign("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"));
    BOOST_TEST(base::view(signature) ==
               "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}

BOOST_AUTO_TEST_CASE(equal_keys_are_equal_and_others_are_not) {
    auto const key = made(EVP_EC_gen("P-256"));
    auto const one = signing_key::from_pem(private_pem(key.get()));
    auto const same = signing_key::from_pem(private_pem(key.get()));
    BOOST_TEST((one == same));
    BOOST_TEST(one.thumbprint() == same.thumbprint());
    BOOST_TEST((one != signing_key::generate()));
    auto const rsa = made(EVP_RSA_gen(2048));
    auto const pem = private_pem(rsa.get());
    BOOST_TEST((signing_key::from_pem(pem) != signing_key::from_pem(pem, {}, signing_algorithm::ps256)));
}

BOOST_AUTO_TEST_CASE(O1_a_passphrase_is_asked_for_once_and_only_if_needed) {
    auto const key = made(EVP_EC_gen("P-256"));
    int asked = 0;
    auto const right = [&] {
        ++asked;
        return sts::secret("correct");
    };
    signing_key::from_pem(private_pem(key.get()), right);
    BOOST_TEST(asked == 0);
    signing_key::from_pem(private_pem(key.get(), "correct"), right);
    BOOST_TEST(asked == 1);
}

BOOST_AUTO_TEST_CASE(O1_a_wrong_or_missing_passphrase_is_named_as_the_cause) {
    auto const key = made(EVP_EC_gen("P-256"));
    auto const pem = private_pem(key.get(), "correct");
    BOOST_TEST(contains(why_refused(pem), "pass a callback"));
    auto const wrong = why_refused(pem, [] { return sts::secret("guessed-passphrase"); });
    BOOST_TEST(contains(wrong, "the passphrase is wrong"));
    BOOST_TEST(!contains(wrong, "guessed-passphrase"));
    BOOST_CHECK_THROW(signing_key::from_pem(pem, []() -> sts::secret { throw std::runtime_error("no"); }),
                      std::runtime_error);
}

BOOST_AUTO_TEST_CASE(O2_what_is_not_a_private_key_is_told_apart) {
    auto const key = made(EVP_EC_gen("P-256"));
    BOOST_TEST(contains(why_refused(public_pem(key.get())), "public key alone"));
    BOOST_TEST(contains(why_refused(""), "contains no PEM private key"));
    BOOST_TEST(contains(why_refused("not PEM"), "contains no PEM private key"));
    BOOST_TEST(contains(why_refused(pkcs8("AAAA")), "is damaged"));
}

BOOST_AUTO_TEST_CASE(O3_weak_and_foreign_keys_are_refused) {
    BOOST_TEST(contains(why_refused(private_pem(made(EVP_RSA_gen(1024)).get())), "RSA key of 1024 bits"));
    BOOST_TEST(contains(why_refused(private_pem(made(EVP_EC_gen("secp256k1")).get())), "not accepted"));
    BOOST_TEST(contains(why_refused(private_pem(made(EVP_EC_gen("P-224")).get())), "not accepted"));
    auto const x25519 = made(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
    BOOST_TEST(contains(why_refused(private_pem(x25519.get())), "not accepted"));
}

BOOST_AUTO_TEST_CASE(O3_an_algorithm_that_is_not_the_keys_is_refused) {
    auto const key = made(EVP_EC_gen("P-256"));
    auto const why = why_refused(private_pem(key.get()), {}, signing_algorithm::rs256);
    BOOST_TEST(contains(why, "signs with ES256, not with RS256"));
    auto const rsa = private_pem(made(EVP_RSA_gen(2048)).get());
    BOOST_TEST((signing_key::from_pem(rsa).algorithm() == signing_algorithm::rs256));
    BOOST_TEST(
        (signing_key::from_pem(rsa, {}, signing_algorithm::ps256).algorithm() == signing_algorithm::ps256));
}

BOOST_AUTO_TEST_CASE(a_key_comes_from_a_file_and_by_its_uri) {
    auto const path =
        (std::filesystem::temp_directory_path() / ("key-" + std::to_string(::getpid()))).string();
    auto const key = made(EVP_EC_gen("P-384"));
    std::ofstream(path) << private_pem(key.get(), "correct");
    auto const pin = [] { return sts::secret("correct"); };
    auto const by_path = signing_key::from_file(path, pin);
    BOOST_TEST((by_path == signing_key::from_uri("file:" + path, pin)));
    BOOST_TEST(contains(test::refusal([&] { signing_key::from_uri("file:" + path); }), "callback"));
    std::ofstream(path) << public_pem(key.get());
    BOOST_TEST(contains(test::refusal([&] { signing_key::from_uri("file:" + path); }), "public key alone"));
    std::filesystem::remove(path);
    BOOST_TEST(contains(test::refusal([&] { signing_key::from_file(path); }), "cannot be read"));
    BOOST_TEST(contains(test::refusal([&] { signing_key::from_uri("file:" + path); }), "No such file"));
}

BOOST_AUTO_TEST_CASE(O4_a_uri_that_no_provider_serves_is_refused_without_its_query) {
    auto const why = test::refusal([] { signing_key::from_uri("nowhere:object=one?pin-value=314159"); });
    BOOST_TEST(contains(why, "no active provider of OpenSSL opens it"));
    BOOST_TEST(contains(why, "nowhere:object=one"));
    BOOST_TEST(!contains(why, "314159"));
}

BOOST_AUTO_TEST_CASE(O4_a_pin_is_repeated_from_no_part_of_a_uri) {
    for (auto const* const uri :
         {"pkcs11:token=t;object=k;pin-value=314159", "pkcs11:token=t?PIN-value=314159",
          "pkcs11:token=t;type=private&pin-value=314159"}) {
        auto const why = test::refusal([&] { signing_key::from_uri(uri); });
        BOOST_TEST(!contains(why, "314159"), why);
        BOOST_TEST(contains(why, "pkcs11:token=t"), why);
    }
}

BOOST_AUTO_TEST_CASE(O11_the_text_of_a_key_in_place_of_its_path_is_not_repeated) {
    auto const pem = private_pem(made(EVP_EC_gen("P-256")).get());
    auto const part = pem.substr(40, 20);
    for (auto const& given : {pem, "file:" + pem}) {
        for (auto const& why : {test::refusal([&] { signing_key::from_file(given); }),
                                test::refusal([&] { signing_key::from_uri(given); })}) {
            BOOST_TEST(!contains(why, part), why);
            BOOST_TEST(contains(why, "looks like the text of a key"), why);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
