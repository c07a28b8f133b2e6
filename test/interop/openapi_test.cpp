// Each shape of request that the client can send is one of doc/openapi.yaml's, says a mock that validates
// them.
#include "interop/openapi_mock.hpp"

using namespace test;
using sts::client_authentication;
using sts::error_kind;
using sts::exchange_request;
using sts::scope;

namespace {

constexpr char policy[] = "ern:equinix:iam:global:123e4567:accesspolicy:9";

/// Sends requests one after the other, and has them judged.
struct judged : caller {
    outcome answer(exchange_request const& request) { return exchange(client(mock.options()), request); }

    void check_valid(exchange_request const& request) { check_valid(client(mock.options()), request); }

    /// What is not valid gets no token: see check_invalid().
    void check_valid(sts::client const& by, exchange_request const& request) {
        auto const ended = exchange(by, request);
        BOOST_REQUIRE_MESSAGE(ended.has_value(), ended.error().to_string() << '\n' << mock.objections());
        BOOST_TEST(ended->access_token.reveal() == "an-access-token-of-the-mock");
    }

    /// The mock answers an invalid request with the document's example of status 400.
    void check_invalid(exchange_request const& request, std::string const& why) {
        auto const ended = answer(request);
        BOOST_REQUIRE(ended.has_error());
        BOOST_TEST(ended.error().kind == error_kind::oauth);
        BOOST_TEST(ended.error().http_status == 400U);
        BOOST_TEST(mock.has_objected(why), why << " is not in\n" << mock.objections());
    }

    /// How the client takes the document's example of a status, which the mock is asked for by RFC 7240.
    sts::error_info example_of(unsigned status) {
        auto asks_for = mock.options();
        asks_for.headers = {{"Prefer", "code=" + std::to_string(status)}};
        auto const ended = exchange(client(asks_for), valid());
        BOOST_REQUIRE(ended.has_error());
        BOOST_TEST(ended.error().http_status == status);
        return ended.error();
    }

    static exchange_request valid() { return caller::request().scope(scope::role_assignments("1")); }

    static exchange_request credentials(client_authentication const& how) {
        return exchange_request::client_credentials().authentication(how);
    }

    openapi_mock mock;
};

/// All of visible ASCII, and the blank where it may be.
std::string printable(char first) {
    std::string all;
    for (char c = first; c <= '~'; ++c)
        all += c;
    return all;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(openapi, judged)

BOOST_AUTO_TEST_CASE(a_token_exchange_at_either_path, *needs({"nginx", "node", "@stoplight/prism-cli"})) {
    for (auto const* path : {"/use/token", "/v1/token"})
        check_valid(client(mock.options(path)), valid());
}

BOOST_AUTO_TEST_CASE(each_form_of_scope, *needs({"nginx", "node", "@stoplight/prism-cli"})) {
    for (auto const& one :
         {scope::access_policy(policy), scope::role_assignments("1"), scope::project_policies("2"),
          scope::org_policies("3"), scope::org_policies_and_role_assignments("4")})
        check_valid(caller::request().scope(one));
}

BOOST_AUTO_TEST_CASE(several_scopes, *needs({"nginx", "node", "@stoplight/prism-cli"})) {
    auto several = scope::access_policy(policy);
    several.add(scope::project_policies("2")).add(scope::org_policies_and_role_assignments("4"));
    check_valid(caller::request().scope(several));
}

BOOST_AUTO_TEST_CASE(every_parameter_of_an_exchange, *needs({"nginx", "node", "@stoplight/prism-cli"})) {
    check_valid(valid()
                    .resource("https://one.example.test/a?b=c&d=%20")
                    .resource("urn:example:two")
                    .audience("one service")
                    .audience("Z\xc3\xbcrich \xe2\x82\xac")
                    .requested_token_type(sts::token_types::access_token)
                    .actor(sts::subject_token("an-actor-token")));
}

BOOST_AUTO_TEST_CASE(an_exchange_by_each_kind_of_client, *needs({"nginx", "node", "@stoplight/prism-cli"})) {
    for (auto const& how : {client_authentication::none(), client_authentication::none("an-id"),
                            client_authentication::secret_post("an-id", sts::secret("a-secret")),
                            client_authentication::secret_basic("an-id", sts::secret("a-secret")),
                            client_authentication::bearer(sts::secret("a-token"))})
        check_valid(valid().authentication(how));
}

BOOST_AUTO_TEST_CASE(credentials_of_each_kind_of_client, *needs({"nginx", "node", "@stoplight/prism-cli"})) {
    for (auto const& how : {client_authentication::none(), client_authentication::none("an-id"),
                            client_authentication::secret_post("an-id", sts::secret("a-secret")),
                            client_authentication::secret_basic("an-id", sts::secret("a-secret")),
                            client_authentication::bearer(sts::secret("a-token"))})
        check_valid(credentials(how));
}

BOOST_AUTO_TEST_CASE(credentials_with_all_that_may_go_along,
                     *needs({"nginx", "node", "@stoplight/prism-cli"})) {
    check_valid(credentials(client_authentication::secret_post("an-id", sts::secret("a-secret")))
                    .scope(scope::org_policies("1"))
                    .subject(sts::subject_token("a-subject-token"))
                    .resource("urn:example:two")
                    .audience("one service"));
}

BOOST_AUTO_TEST_CASE(characters_that_have_to_be_encoded, *needs({"nginx", "node", "@stoplight/prism-cli"})) {
    auto const visible = printable('!');
    auto const with_blank = printable(' ');
    check_valid(exchange_request(sts::subject_token(visible))
                    .scope(scope::role_assignments("a&b=c%d+e/f?g#h"))
                    .audience(with_blank)
                    .authentication(client_authentication::secret_post(with_blank, sts::secret(with_blank))));
    check_valid(credentials(client_authentication::secret_basic(with_blank, sts::secret(with_blank))));
}

BOOST_AUTO_TEST_CASE(a_subject_token_of_16_KiB, *needs({"nginx", "node", "@stoplight/prism-cli"})) {
    constexpr std::size_t longest = std::size_t(16) * 1024;
    auto const of = [](std::string const& token) {
        return exchange_request(sts::subject_token(token)).scope(scope::role_assignments("1"));
    };
    check_valid(of(std::string(longest, 'x')));
    check_valid(of(std::string(longest, '/')));
    check_invalid(of(std::string(longest + 1, 'x')), "must NOT have more than 16384 characters");
}

BOOST_AUTO_TEST_CASE(what_the_document_does_not_have_is_refused,
                     *needs({"nginx", "node", "@stoplight/prism-cli"})) {
    check_invalid(caller::request(), "must have required property 'scope'");
    check_invalid(caller::request().scope(scope("no-such-form")), "property scope must match pattern");
    check_invalid(valid().parameter("unheard_of", "1"), "found 'unheard_of'");
    check_invalid(exchange_request(sts::subject_token("a-saml-assertion", sts::token_types::saml2))
                      .scope(scope::role_assignments("1")),
                  "property subject_token_type must be equal to one of");
}

BOOST_AUTO_TEST_CASE(each_example_of_an_answer, *needs({"nginx", "node", "@stoplight/prism-cli"})) {
    BOOST_TEST(example_of(400).oauth_error == "invalid_scope");
    BOOST_TEST(example_of(401).oauth_error == "invalid_client");
    BOOST_TEST(example_of(409).kind == error_kind::unavailable);
    auto const too_many = example_of(429);
    BOOST_TEST(too_many.kind == error_kind::unavailable);
    BOOST_TEST((too_many.retry_after == std::chrono::seconds(7)));
    BOOST_TEST(example_of(500).kind == error_kind::unavailable);
    BOOST_TEST(example_of(503).kind == error_kind::unavailable);
}

BOOST_AUTO_TEST_SUITE_END()
