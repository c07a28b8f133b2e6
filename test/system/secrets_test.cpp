// What is left of secrets in this process's memory: every page that can be written is searched, as a core
// dump would hold it. The secrets are made of numbers, so that nothing but the library ever has their text.
#include "base/base64.hpp"
#include "base/descriptor.hpp"
#include "base/wiped.hpp"
#include "support/process.hpp"
#include "support/sanitized.hpp"
#include "support/service_process.hpp"
#include "support/token_source.hpp"

#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/mman.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

using namespace test;
namespace base = sts::base;

#if !TEST_SANITIZED // a sanitizer's own memory is terabytes of nothing

namespace {

/// A text that stands nowhere: its characters are computed.
class canary {
public:
    explicit canary(unsigned seed) : seed_(seed) {}

    static constexpr std::size_t size = 48;
    char at(std::size_t i) const {
        auto const mixed = (seed_ * 2654435761U) ^ static_cast<unsigned>((i + 1) * 40503U * (seed_ + 7));
        return static_cast<char>('a' + (mixed >> 7) % 26);
    }
    sts::secret text() const {
        base::wiped_buffer made(size);
        for (std::size_t i = 0; i < size; ++i)
            made[i] = at(i);
        return sts::secret(base::view(made));
    }

    /// How often its middle stands in a piece of memory, in either direction: OpenSSL's numbers begin with
    /// their last byte.
    std::size_t count(char const* begin, std::size_t length) const {
        constexpr std::size_t from = 8, to = 32; // a part is a leak too
        std::size_t found = 0;
        for (std::size_t i = 0; i + (to - from) <= length; ++i) {
            std::size_t k = from, back = from;
            while (k < to && begin[i + k - from] == at(k))
                ++k;
            while (back < to && begin[i + back - from] == at(to - 1 - (back - from)))
                ++back;
            if (k == to || back == to) ++found;
        }
        return found;
    }

private:
    unsigned seed_;
};

canary const subject(1), client_secret(2), access_token(3), private_key(4), passphrase(5);

/// How often the canary stands in this process's writable memory.
std::size_t found_in_memory(canary const& wanted) {
    std::ifstream maps("/proc/self/maps");
    auto const memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    BOOST_REQUIRE(memory >= 0);
    std::size_t found = 0;
    // In a mapping of its own, which is left out as a whole: what was read stands in it.
    constexpr std::size_t block_size = std::size_t(1) << 20;
    auto* const block = static_cast<char*>(::mmap(nullptr, block_size + 2 * 4096, PROT_READ | PROT_WRITE,
                                                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) +
                        4096;
    auto const own = reinterpret_cast<std::uintptr_t>(block);
    for (std::string line; std::getline(maps, line);) {
        std::istringstream words(line);
        std::uintptr_t begin = 0, end = 0;
        char dash = 0;
        std::string rights;
        words >> std::hex >> begin >> dash >> end >> rights;
        if (rights.rfind("rw", 0) != 0) continue;
        for (auto at = begin; at < end;) {
            if (at >= own && at < own + block_size) {
                at = own + block_size;
                continue;
            }
            auto const want = std::min<std::size_t>(block_size, (at < own && own < end ? own : end) - at);
            auto const got = ::pread(memory, block, want, static_cast<off_t>(at));
            if (got <= 0) break;
            auto const size = static_cast<std::size_t>(got);
            found += wanted.count(block, size);
            at += size > 64 && at + size < end ? size - 64 : size; // what lies across two blocks
        }
    }
    ::close(memory);
    ::munmap(block - 4096, block_size + 2 * 4096);
    return found;
}

/// The token response; a part of the token is written as an escape, which a parser unfolds in a buffer of its
/// own.
std::string body() {
    std::string token(access_token.text().reveal());
    token.insert(4, "\\u0041");
    return R"({"access_token":")" + token +
           R"(","token_type":"Bearer","expires_in":600,)"
           R"("issued_token_type":"urn:ietf:params:oauth:token-type:access_token"})";
}

sts::exchange_request made_request() {
    return sts::exchange_request(sts::subject_token(subject.text()))
        .scope(sts::scope::role_assignments("1"))
        .authentication(sts::client_authentication::secret_post("me", client_secret.text()));
}

/// A private key that is a canary, as PEM. Made without OpenSSL, which would leave copies.
sts::secret pem_of(std::string_view label, std::string_view before, std::string_view after) {
    constexpr std::size_t size = 32;
    base::wiped_buffer der, pem;
    base::append(der, before);
    base::append(der, private_key.text().reveal().substr(0, size));
    base::append(der, after);
    auto const line = [&](std::string_view what) {
        base::append(pem, "-----" + std::string(what) + std::string(label) + "-----\n");
    };
    line("BEGIN ");
    base::base64_encode(pem, base::view(der));
    base::append(pem, "\n");
    line("END ");
    return sts::secret(base::view(pem));
}

sts::secret pem_of_ed25519() {
    return pem_of("PRIVATE KEY", {"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 16},
                  "");
}
/// Without its public half.
sts::secret pem_of_p256() {
    return pem_of("EC PRIVATE KEY", {"\x30\x31\x02\x01\x01\x04\x20", 7},
                  {"\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 12});
}

/// The same, complete and encrypted, by another process.
sts::secret encrypted(sts::secret const& pem) {
    folder const in;
    auto const write = [&](char const* name, sts::secret const& text) {
        auto const path = (in.path() / name).string();
        base::descriptor const file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        BOOST_REQUIRE(::write(file.get(), text.reveal().data(), text.size()) ==
                      static_cast<::ssize_t>(text.size()));
        return path;
    };
    auto const plain = write("key.pem", pem), word = write("passphrase", passphrase.text());
    auto const made = shell("openssl pkcs8 -topk8 -in " + plain + " -passout file:" + word);
    BOOST_REQUIRE(made.exit_code == 0);
    return sts::secret(std::string_view(made.output));
}

void exchange_twice(service_process& service, std::optional<token_ptr>& kept) {
    asio::io_context context;
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    sts::client const client(context.get_executor(), options);
    sts::token_source const tokens(client, made_request());
    for (int i = 0; i < 2; ++i) {
        bool done = false;
        asio::co_spawn(context, tokens.get(), [&](std::exception_ptr const& thrown, token_ptr const& got) {
            BOOST_TEST(!thrown);
            if (got) BOOST_TEST(got->authorization().size() == got->access_token.size() + 7);
            kept = got;
            done = true;
        });
        run_until(context, [&] { return done; });
        if (*kept) tokens.invalidate(**kept);
    }
    tokens.close();
    client.close();
    context.restart();
    context.run();
}

} // namespace

BOOST_AUTO_TEST_SUITE(secrets)

BOOST_AUTO_TEST_CASE(K1_the_search_finds_what_is_there) {
    auto const held = subject.text();
    BOOST_TEST(found_in_memory(subject) >= 1U);
    BOOST_TEST(found_in_memory(canary(99)) == 0U);
}

BOOST_AUTO_TEST_CASE(K1_K2_nothing_is_left_when_the_client_is_gone) {
    service_process service(body); // first: it must be forked before there are threads
    std::optional<token_ptr> kept;
    exchange_twice(service, kept);
    BOOST_TEST(found_in_memory(subject) == 0U);
    BOOST_TEST(found_in_memory(client_secret) == 0U);
    BOOST_TEST(found_in_memory(access_token) ==
               1U); // the token that the program holds: header and token in one
    kept.reset();
    BOOST_TEST(found_in_memory(access_token) == 0U);
}

void check_that_nothing_is_left_of(sts::secret pem) {
    std::optional<sts::signing_key> key =
        sts::signing_key::from_pem(pem.reveal(), [] { return passphrase.text(); });
    pem = {};
    BOOST_TEST(key->sign("a text").size() == 64U);
    BOOST_TEST(found_in_memory(passphrase) == 0U);
    BOOST_TEST(found_in_memory(private_key) == 1U); // what signs
    key.reset();
    BOOST_TEST(found_in_memory(private_key) == 0U);
}

BOOST_AUTO_TEST_CASE(O10_nothing_is_left_of_a_key_and_its_passphrase) {
    check_that_nothing_is_left_of(pem_of_ed25519());
    check_that_nothing_is_left_of(encrypted(pem_of_ed25519()));
    check_that_nothing_is_left_of(encrypted(pem_of_p256()));
}

BOOST_AUTO_TEST_CASE(K4_the_names_that_ask_tls_for_its_keys_are_ignored) {
    service_process service(body);
    std::string path = "/tmp/equinix-sts-keylog-" + std::to_string(::getpid());
    ::setenv("SSLKEYLOGFILE", path.c_str(), 1);
    std::optional<token_ptr> kept;
    exchange_twice(service, kept);
    ::unsetenv("SSLKEYLOGFILE");
    BOOST_TEST(::access(path.c_str(), F_OK) == -1);
}

BOOST_AUTO_TEST_SUITE_END()

#endif
