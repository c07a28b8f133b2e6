// The command's options of a token store.
#include "support/process.hpp"
#include "support/refused.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/json/parse.hpp>

#include <filesystem>

using namespace test;
namespace testing = equinix::sts::testing;
namespace json = boost::json;

namespace {

struct fixture {
    testing::mock_sts mock;
    folder in;
    std::string const id_token = in.file("id_token", mock.id_token());
    std::string const base = std::string(STS_TOKEN) + " --url " + mock.url() + " --ca-file " +
                             in.file("ca.pem", mock.ca_pem()) + " --scope roleassignments:1";
    std::string const given = base + " --subject-token-file " + id_token;
    std::string const store = " --store " + (in.path() / "store").string();

    static json::object line(std::string const& command) {
        auto const got = shell(command + " 2>&1");
        BOOST_REQUIRE_MESSAGE(got.exit_code == 0, got.output);
        return json::parse(got.output).as_object();
    }
    static std::string message(std::string const& command) {
        auto const got = shell(command + " 2>&1");
        BOOST_TEST(got.exit_code != 0);
        return got.output;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sts_token_store, fixture)

BOOST_AUTO_TEST_CASE(the_second_process_has_the_token_of_the_first) {
    auto const first = line(given + store), second = line(given + store);
    BOOST_TEST(first.at("from").as_string() == "exchange");
    BOOST_TEST(second.at("from").as_string() == "store");
    BOOST_TEST((first.at("access_token") == second.at("access_token")));
    BOOST_TEST(second.at("expires_in").as_int64() <= 3600);
    BOOST_TEST(second.at("expires_in").as_int64() > 3500);
    BOOST_TEST(mock.requests() == 1U);
    BOOST_TEST(!line(given).contains("from"));
}

BOOST_AUTO_TEST_CASE(one_process_asks_again_in_memory) {
    auto const got = shell(given + store + " --count 3");
    BOOST_TEST(got.exit_code == 0);
    BOOST_TEST(contains(got.output, R"("from":"exchange")"));
    BOOST_TEST(contains(got.output, R"("from":"memory")"));
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(a_command_is_asked_once_and_its_token_stands_for_itself) {
    auto const by_command = base + " --subject-token-command 'cat " + id_token + "'";
    line(given + store);
    BOOST_TEST(line(by_command + store).at("from").as_string() == "store");
}

BOOST_AUTO_TEST_CASE(an_identity_stands_for_any_subject_token) {
    line(given + store + " --store-identity me");
    in.file("id_token", mock.id_token(testing::id_token_claims().subject("another")));
    BOOST_TEST(line(given + store + " --store-identity me").at("from").as_string() == "store");
    BOOST_TEST(line(given + store).at("from").as_string() == "exchange");
}

BOOST_AUTO_TEST_CASE(another_namespace_shares_nothing) {
    line(given + store);
    BOOST_TEST(line(given + store + " --store-namespace other").at("from").as_string() == "exchange");
}

BOOST_AUTO_TEST_CASE(a_key_file_is_made_for_a_directory_and_its_first_line_seals) {
    auto const file = (in.path() / "keys").string();
    line(given + store + " --store-key-file " + file);
    auto const key = shell("cat " + file).output;
    BOOST_TEST(key.size() == 65U);
    BOOST_TEST(shell("stat -c %a " + file).output == "600\n");
    BOOST_TEST(line(given + store + " --store-key-file " + file).at("from").as_string() == "store");
    in.file("keys", std::string(64, 'n') + "\n\n" + key); // rotated; the mode stays
    BOOST_TEST(line(given + store + " --store-key-file " + file).at("from").as_string() == "store");
    in.file("keys", std::string(64, 'n') + "\n");
    BOOST_TEST(line(given + store + " --store-key-file " + file).at("from").as_string() == "exchange");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_used_is_named) {
    auto const redis = given + " --store redis://127.0.0.1:1";
    BOOST_TEST(contains(message(redis), "--store-key-file"));
    BOOST_TEST(contains(message(given + " --store redis://u:hidden@h"), "user or a password"));
    BOOST_TEST(!contains(message(given + " --store redis://u:hidden@h"), "hidden"));
    BOOST_TEST(contains(message(given + store + " --store-user u"), "--store-user is for Redis"));
    BOOST_TEST(contains(message(given + " --store-user u"), "--store-user needs --store"));
    BOOST_TEST(contains(message(given + store + " --store-key-file " + in.file("short", "short")),
                        "--store-key-file"));
    std::filesystem::create_directory(in.path() / "open");
    std::filesystem::permissions(in.path() / "open", std::filesystem::perms::all);
    BOOST_TEST(contains(message(given + " --store " + (in.path() / "open").string()), "chmod go-w"));
}

BOOST_AUTO_TEST_CASE(a_store_that_is_down_costs_no_token) {
    auto const file = in.file("keys", std::string(64, 'k'));
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    auto const got =
        shell(given + " --store redis://127.0.0.1:1 --store-key-file " + file + " --verbose 2>&1");
    BOOST_TEST(got.exit_code == 0, got.output);
    BOOST_TEST(contains(got.output, "the store failed: connect in phase store"));
    BOOST_TEST(contains(got.output, R"("from":"exchange")"));
}

BOOST_AUTO_TEST_CASE(a_store_that_is_down_is_told) {
    auto const file = in.file("keys", std::string(64, 'k'));
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    auto const got = shell(given + " --store redis://127.0.0.1:1 --store-key-file " + file + " 2>&1");
    BOOST_TEST(got.exit_code == 0, got.output);
    BOOST_TEST(contains(got.output, "tokens are not shared: connect (store)"));
    BOOST_TEST(contains(got.output, "troubleshooting.md#token-store"));
}

BOOST_AUTO_TEST_CASE(a_server_without_a_scheme_is_no_directory) {
    auto const host = shell(given + " --store 127.0.0.1:6379 2>&1");
    BOOST_TEST(host.exit_code != 0);
    BOOST_TEST(contains(host.output, "write redis://127.0.0.1:6379 for a server"));
    auto const other = shell(given + " --store valkey://127.0.0.1 2>&1");
    BOOST_TEST(other.exit_code != 0);
    BOOST_TEST(contains(other.output, "redis://"));
}

BOOST_AUTO_TEST_CASE(doctor_looks_at_the_store) {
    auto const doctor = "cd " + in.path().string() + " && " + std::string(STS_TOKEN) + " doctor" +
                        given.substr(std::string(STS_TOKEN).size());
    auto const good = shell(doctor + store + " 2>&1");
    BOOST_TEST(good.exit_code == 0, good.output);
    BOOST_TEST(contains(good.output, "written, read and removed"));
    auto const file = in.file("keys", std::string(64, 'k'));
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    auto const bad = shell(doctor + " --store redis://127.0.0.1:1 --store-key-file " + file + " 2>&1");
    BOOST_TEST(bad.exit_code == 1);
    BOOST_TEST(contains(bad.output, "cannot be written to"));
}

BOOST_AUTO_TEST_SUITE_END()
