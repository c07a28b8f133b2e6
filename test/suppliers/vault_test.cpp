// Identity tokens of Vault and OpenBao.
#include "suppliers/fetching.hpp"
#include "suppliers/request_of.hpp"
#include "suppliers/variable.hpp"
#include "support/http_server.hpp"
#include "support/process.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <filesystem>
#include <string>

using namespace test;
using sts::error_kind;

namespace {

/// Answers as Vault does: by role, with its errors.
std::string vault_answer(std::string const& text) {
    request_of const request(text);
    auto const json = [](unsigned status, std::string const& body) {
        return http_answer(status, body, "application/json");
    };
    if (request.field("X-Vault-Request") != "true")
        return json(400, R"({"errors":["missing required header"]})");
    auto const token = request.field("X-Vault-Token");
    if (token != "hvs.login-canary" && token != "hvs.of-a-file")
        return json(403, R"({"errors":["permission denied"]})");
    if (request.line() == "GET /v1/identity/oidc/token/gone")
        return json(400, R"({"errors":["role \"gone\" not found"]})");
    if (request.line() != "GET /v1/identity/oidc/token/my-role") return json(405, R"({"errors":[]})");
    auto const name = request.field("X-Vault-Namespace");
    return json(200, R"({"request_id":"1","data":{"client_id":"c","token":"a-token)" +
                         (name.empty() ? name : "-of-" + name) + R"(","ttl":86400},"warnings":null})");
}

struct vault_at_work {
    http_server server;
    asio::io_context context;
    folder home;
    variable home_folder{"HOME", home.path().string()};
    variable no_bao_address{"BAO_ADDR", ""}, no_bao_token{"BAO_TOKEN", ""}, no_bao_space{"BAO_NAMESPACE", ""};
    variable no_space{"VAULT_NAMESPACE", ""};
    variable address{"VAULT_ADDR", server.url("")};
    variable token{"VAULT_TOKEN", "hvs.login-canary"};

    vault_at_work() { server.answer_by(vault_answer); }

    fetching fetch(std::string const& role = "my-role") {
        return fetching(context, sts::suppliers::vault(role, hasty_options()));
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(vault, vault_at_work)

BOOST_AUTO_TEST_CASE(is_asked_for_a_token_of_a_role) {
    BOOST_TEST(fetch().text() == "a-token");
    BOOST_TEST(server.requests().size() == 1U);
}

BOOST_AUTO_TEST_CASE(is_asked_in_a_namespace) {
    variable const name("VAULT_NAMESPACE", "team");
    BOOST_TEST(fetch().text() == "a-token-of-team");
}

BOOST_AUTO_TEST_CASE(may_have_a_slash_behind_its_address) {
    address.set(server.url("/"));
    BOOST_TEST(fetch().text() == "a-token");
}

BOOST_AUTO_TEST_CASE(is_openbao_if_its_variables_are_set) {
    http_server other;
    other.answer_by(vault_answer);
    variable const bao_address("BAO_ADDR", other.url(""));
    variable const bao_namespace("BAO_NAMESPACE", "bao");
    BOOST_TEST(fetch().text() == "a-token-of-bao");
    BOOST_TEST(server.connections() == 0U);
    variable const bao_token("BAO_TOKEN", "another");
    BOOST_TEST(fetch().failure().http_status == 403U);
}

BOOST_AUTO_TEST_CASE(gets_the_token_of_the_file_that_a_login_has_written) {
    token.set("");
    home.file(".vault-token", "hvs.of-a-file\n");
    BOOST_TEST(fetch().text() == "a-token");
    BOOST_TEST(request_of(server.requests().at(0)).field("X-Vault-Token") == "hvs.of-a-file");
}

BOOST_AUTO_TEST_CASE(needs_an_address_and_a_login) {
    token.set("");
    auto info = fetch().failure();
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(contains(info.message, "VAULT_TOKEN is not set, and file '~/.vault-token' cannot be read"));
    token.set("two words-canary");
    info = fetch().failure();
    BOOST_TEST(info.option == "VAULT_TOKEN");
    BOOST_TEST(!contains(info.to_string(), "canary"));
    address.set("");
    BOOST_TEST(fetch().failure().option == "VAULT_ADDR");
    BOOST_TEST(server.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(says_no_and_its_login_is_not_told) {
    auto info = fetch("gone").failure();
    BOOST_TEST(info.http_status == 400U);
    BOOST_TEST(contains(info.message, "Vault: "));
    BOOST_TEST(info.attempts == 1U);
    token.set("hvs.other-canary");
    info = fetch().failure();
    BOOST_TEST(info.http_status == 403U);
    BOOST_TEST(!contains(info.to_string(), "canary"));
}

BOOST_AUTO_TEST_CASE(H33_is_reached_without_tls_on_this_machine_alone) {
    address.set("http://192.0.2.1:8200");
    auto const info = fetch().failure();
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(info.option == "VAULT_ADDR");
    address.set("unix:///run/vault.sock");
    BOOST_TEST(fetch().failure().option == "VAULT_ADDR");
}

BOOST_AUTO_TEST_CASE(is_trusted_by_the_authorities_of_its_variables) {
    sts::testing::mock_sts mock;
    mock.always(sts::testing::mock_answer::with(200, R"({"data":{"token":"by-tls"}})"));
    address.set("https://localhost:" + std::to_string(mock.port()));
    BOOST_TEST(fetch().failure().kind == error_kind::tls);
    variable const file("VAULT_CACERT", home.file("ca.pem", mock.ca_pem()));
    BOOST_TEST(fetch().text() == "by-tls");
}

BOOST_AUTO_TEST_CASE(is_not_asked_for_a_role_that_is_no_name) {
    for (auto const* const role : {"", "a/b", "a?b", "a b", "..", ".", "../x", ".a", "a."})
        BOOST_TEST(contains(refusal([&] { sts::suppliers::vault(role); }), "the role must"));
}

BOOST_AUTO_TEST_SUITE_END()
