// Keys that never leave their token: a TPM (swtpm), and an HSM by PKCS #11 (SoftHSM). The command loads them,
// because OpenSSL reads the configuration that names their providers once for each process.
#include "interop/server_process.hpp"
#include "support/process.hpp"
#include "support/refused.hpp"
#include "support/service.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#ifdef STS_TOKEN

using namespace test;

namespace {

/// Two ports side by side, as swtpm's protocol has it.
class port_pair {
public:
    port_pair() {
        while (!next_) {
            first_ = std::make_unique<reserved_port>();
            next_ = reserved_port::at(static_cast<unsigned short>(first_->number() + 1));
        }
    }
    unsigned short number() const { return first_->number(); }
    unsigned short next() const { return next_->number(); }

private:
    std::unique_ptr<reserved_port> first_;
    std::unique_ptr<reserved_port> next_;
};

struct key_in_token : service {
    /// OpenSSL's configuration with a provider beside the default one.
    std::string configured(std::string const& provider, std::string const& settings = {}) const {
        return in.file("openssl.cnf", "openssl_conf = start\n[start]\nproviders = providers\n[providers]\n"
                                      "default = ours\n" +
                                          provider + " = theirs\n[ours]\nactivate = 1\n[theirs]\n" +
                                          settings + "activate = 1\n");
    }
    std::string command(std::string const& more) const {
        return std::string(STS_TOKEN) + " " + more + " --url " + mock.url() + " --ca-file " +
               in.file("ca.pem", mock.ca_pem()) + " --scope s --subject-token-file " +
               in.file("id_token", mock.id_token());
    }
    /// Both commands, with the key.
    void check(std::string const& environment, std::string const& key) {
        auto const got = shell(environment + command("") + key + " 2>&1");
        BOOST_TEST(contains(got.output, "\"token_type\":\"DPoP\""), got.output);
        auto const looked = shell(environment + command("doctor") + key + " 2>&1");
        BOOST_TEST(looked.exit_code == 0, looked.output);
        for (auto const* fact :
             {"ES256, thumbprint ", "on a thread of its own", "the token is bound to the key"})
            BOOST_TEST(contains(looked.output, fact), looked.output);
    }

    folder in;
};

struct tpm : key_in_token {
    tpm() {
        std::filesystem::create_directory(in.path() / "state");
        auto const of = [](unsigned short port) { return "type=tcp,port=" + std::to_string(port); };
        process.emplace(std::vector<std::string>{find_program("swtpm").value(), "socket", "--tpm2",
                                                 "--tpmstate", "dir=" + (in.path() / "state").string(),
                                                 "--server", of(ports.number()), "--ctrl", of(ports.next()),
                                                 "--flags", "not-need-init,startup-clear"},
                        ports.next(), in.path());
        auto const at = "swtpm:host=127.0.0.1,port=" + std::to_string(ports.number());
        auto const made =
            shell("cd " + in.path().string() + " && export TPM2TOOLS_TCTI=" + at +
                  " && tpm2_createprimary -Q -C o -G ecc256 -c p && tpm2_create -Q -C p -G "
                  "ecc256:ecdsa-sha256 -u pub -r priv -a 'fixedtpm|fixedparent|sensitivedataorigin|"
                  "userwithauth|sign' && tpm2_flushcontext -t && tpm2_load -Q -C p -u pub -r priv -c k "
                  "&& tpm2_flushcontext -t && tpm2_evictcontrol -Q -C o -c k 0x81000001 && "
                  "tpm2_flushcontext -t 2>&1");
        BOOST_REQUIRE_MESSAGE(made.exit_code == 0, made.output);
        environment = "OPENSSL_CONF=" + configured("tpm2") + " TPM2OPENSSL_TCTI=" + at + " ";
    }

    port_pair ports;
    std::optional<server_process> process;
    std::string environment;
};

} // namespace

BOOST_AUTO_TEST_SUITE(keys_in_tokens)

BOOST_AUTO_TEST_CASE(a_key_of_a_tpm_signs_proofs, *needs({"swtpm", "tpm2_load", "tpm2.so"})) {
    tpm with;
    with.check(with.environment, " --dpop-key handle:0x81000001");
}

BOOST_AUTO_TEST_CASE(O7_a_tpm_that_is_gone_fails_exchanges_by_a_kind_of_their_own,
                     *needs({"swtpm", "tpm2_load", "tpm2.so"})) {
    tpm with;
    auto const many =
        with.environment + with.command("") + " --dpop-key handle:0x81000001 --count 100000 --gap-ms 10 2>&-";
    auto* const pipe = ::popen(many.c_str(), "r"); // NOLINT(cert-env33-c): the test's own command
    BOOST_REQUIRE(pipe != nullptr);
    std::array<char, 8192> block{};
    std::string last;
    for (bool gone = false;
         !contains(last, "\"error\"") && std::fgets(block.data(), block.size(), pipe) != nullptr;) {
        last = block.data();
        if (!gone) with.process.reset();
        gone = true;
    }
    ::pclose(pipe);
    BOOST_TEST(contains(last, "\"kind\":\"key\""), last);
}

BOOST_AUTO_TEST_CASE(O4_a_handle_that_the_tpm_does_not_have_is_refused,
                     *needs({"swtpm", "tpm2_load", "tpm2.so"})) {
    tpm const with;
    auto const got = shell(with.environment + with.command("") + " --dpop-key handle:0x81000002 2>&-");
    BOOST_TEST(got.exit_code == 11);
    BOOST_TEST(contains(got.output, "\"option\":\"--dpop-key\""), got.output);
}

BOOST_AUTO_TEST_SUITE_END()

// A suite of its own, which is skipped as a whole where the system has no provider.
BOOST_AUTO_TEST_SUITE(keys_in_pkcs11_tokens)

BOOST_AUTO_TEST_CASE(a_key_of_an_hsm_signs_proofs, *needs({"softhsm2-util", "pkcs11.so"})) {
    key_in_token with;
    auto const folder = with.in.path().string();
    std::filesystem::create_directory(with.in.path() / "tokens");
    auto const hsm = with.in.file("softhsm.conf", "directories.tokendir = " + folder + "/tokens\n");
    auto const made =
        shell("cd " + folder + " && export SOFTHSM2_CONF=" + hsm +
              " && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem && "
              "softhsm2-util --init-token --free --label tests --so-pin 314159 --pin 271828 && "
              "softhsm2-util --import key.pem --token tests --label signer --id 01 --pin 271828 2>&1");
    BOOST_REQUIRE_MESSAGE(made.exit_code == 0, made.output);
    // no-deinit: without it a process that has signed by SoftHSM crashes as it exits, openssl dgst too.
    auto const conf = with.configured("pkcs11", "pkcs11-module-path = /usr/lib/softhsm/libsofthsm2.so\n"
                                                "pkcs11-module-quirks = no-deinit\n");
    auto const environment = "SOFTHSM2_CONF=" + hsm + " OPENSSL_CONF=" + conf + " ";
    std::string const key = " --dpop-key 'pkcs11:token=tests;object=signer;type=private'";
    with.check(environment, key + " --client-key-passphrase-file " + with.in.file("pin", "271828\n"));
    auto const wrong = shell(environment + with.command("") + key + " --client-key-passphrase-file " +
                             with.in.file("wrong", "161803\n") + " 2>&1");
    BOOST_TEST(wrong.exit_code == 11);
    BOOST_TEST(contains(wrong.output, "\"option\":\"--dpop-key\""), wrong.output);
    BOOST_TEST(!contains(wrong.output, "161803"), wrong.output);
}

BOOST_AUTO_TEST_SUITE_END()

#endif
