// A certified OpenID provider: its ID tokens, its token exchange, its client credentials, and its proofs.
#include "interop/openid_provider.hpp"
#include "support/refused.hpp"

#include <equinix/sts/keys.hpp>

using namespace test;
using sts::client_authentication;
using sts::error_kind;

namespace {

/// Who asks a provider, once, and what the provider has noted down of that.
struct asking : caller {
    outcome ask(openid_provider const& provider, sts::exchange_request const& request) {
        return exchange(client(provider.options()), request);
    }

    void check_token(openid_provider const& provider, sts::exchange_request const& request) {
        auto const ended = ask(provider, request);
        BOOST_REQUIRE_MESSAGE(ended.has_value(), ended.error().to_string());
        BOOST_TEST(!ended->access_token.empty());
        BOOST_TEST((ended->scope == "roleassignments:1"));
        BOOST_TEST(provider.requests() == std::vector<std::string>{"200 "}, boost::test_tools::per_element());
    }

    sts::error_info check_refused(openid_provider const& provider, sts::exchange_request const& request,
                                  unsigned status, std::string const& error) {
        auto const ended = ask(provider, request);
        BOOST_REQUIRE(ended.has_error());
        BOOST_TEST(ended.error().kind == error_kind::oauth);
        BOOST_TEST(ended.error().http_status == status);
        BOOST_TEST(ended.error().oauth_error == error);
        BOOST_TEST(!ended.error().retryable());
        auto const noted = std::vector{std::to_string(status) + " " + error};
        BOOST_TEST(provider.requests() == noted, boost::test_tools::per_element());
        return ended.error();
    }

    static sts::exchange_request exchange_of(sts::subject_token const& id_token) {
        return sts::exchange_request(id_token)
            .scope(sts::scope::role_assignments("1"))
            .authentication(client_authentication::none(openid_provider::exchanging_client));
    }

    static sts::exchange_request credentials(client_authentication const& how) {
        return sts::exchange_request::client_credentials()
            .scope(sts::scope::role_assignments("1"))
            .authentication(how);
    }

    /// What the provider says of an ID token that it takes for a bad one.
    std::string refusal_of(std::string const& kind) {
        openid_provider const provider;
        auto const token = provider.id_token(kind);
        auto const info = check_refused(provider, exchange_of(token), 400, "invalid_request");
        BOOST_TEST(!contains(info.to_string(), token.token().reveal()));
        return info.oauth_error_description;
    }
};

/// All that RFC 6749 allows in an id or a secret (visible ASCII and the blank) and that has to be encoded.
constexpr char odd_id[] = R"(inter:op + 100% &=/?#"\)";
constexpr char odd_secret[] = R"(a%2Fb+c:d e&f=g;h,i@j!k$l'm(n)o*p~q"r\s)";

} // namespace

BOOST_FIXTURE_TEST_SUITE(openid, asking)

BOOST_AUTO_TEST_CASE(H22_a_good_id_token_is_exchanged, *needs({"node", "oidc-provider"})) {
    openid_provider const provider;
    check_token(provider, exchange_of(provider.id_token("good")));
}

BOOST_AUTO_TEST_CASE(H22_a_forged_id_token_is_refused, *needs({"node", "oidc-provider"})) {
    BOOST_TEST(contains(refusal_of("forged"), "signature verification failed"));
}

BOOST_AUTO_TEST_CASE(H22_an_expired_id_token_is_refused, *needs({"node", "oidc-provider"})) {
    BOOST_TEST(contains(refusal_of("expired"), "ERR_JWT_EXPIRED"));
}

BOOST_AUTO_TEST_CASE(H22_an_id_token_for_another_audience_is_refused, *needs({"node", "oidc-provider"})) {
    BOOST_TEST(contains(refusal_of("wrong_audience"), "ERR_JWT_CLAIM_VALIDATION_FAILED"));
}

BOOST_AUTO_TEST_CASE(an_unknown_scope_of_an_exchange_is_refused, *needs({"node", "oidc-provider"})) {
    openid_provider const provider;
    auto request = exchange_of(provider.id_token("good"));
    request.scope(sts::scope::role_assignments("unknown"));
    check_refused(provider, request, 400, "invalid_scope");
}

BOOST_AUTO_TEST_CASE(a_scope_that_the_client_may_not_have_is_refused, *needs({"node", "oidc-provider"})) {
    openid_provider const provider;
    auto request = credentials(client_authentication::secret_basic("machine", sts::secret("a-secret")));
    request.scope(sts::scope::org_policies("2"));
    check_refused(provider, request, 400, "invalid_scope");
}

BOOST_AUTO_TEST_CASE(client_credentials_in_the_form, *needs({"node", "oidc-provider"})) {
    openid_provider const provider;
    check_token(provider,
                credentials(client_authentication::secret_post("machine", sts::secret("a-secret"))));
}

BOOST_AUTO_TEST_CASE(client_credentials_in_the_header, *needs({"node", "oidc-provider"})) {
    openid_provider const provider;
    check_token(provider,
                credentials(client_authentication::secret_basic("machine", sts::secret("a-secret"))));
}

BOOST_AUTO_TEST_CASE(odd_client_credentials_in_the_form, *needs({"node", "oidc-provider"})) {
    openid_provider const provider(odd_id, odd_secret);
    check_token(provider, credentials(client_authentication::secret_post(odd_id, sts::secret(odd_secret))));
}

BOOST_AUTO_TEST_CASE(odd_client_credentials_in_the_header, *needs({"node", "oidc-provider"})) {
    openid_provider const provider(odd_id, odd_secret);
    check_token(provider, credentials(client_authentication::secret_basic(odd_id, sts::secret(odd_secret))));
}

BOOST_AUTO_TEST_CASE(a_wrong_secret_in_the_form_is_refused, *needs({"node", "oidc-provider"})) {
    openid_provider const provider;
    auto const how = client_authentication::secret_post("machine", sts::secret("a-wrong-secret"));
    check_refused(provider, credentials(how), 401, "invalid_client");
}

BOOST_AUTO_TEST_CASE(a_wrong_secret_in_the_header_is_refused, *needs({"node", "oidc-provider"})) {
    openid_provider const provider;
    auto const how = client_authentication::secret_basic("machine", sts::secret("a-wrong-secret"));
    check_refused(provider, credentials(how), 401, "invalid_client");
}

BOOST_AUTO_TEST_CASE(a_client_with_a_key_signs_assertions, *needs({"node", "oidc-provider"})) {
    for (auto const algorithm : {sts::signing_algorithm::es256, sts::signing_algorithm::rs256}) {
        auto const key = sts::signing_key::generate(algorithm);
        auto const provider = openid_provider::with_key("signer", key.public_jwk());
        check_token(provider, credentials(client_authentication::private_key_jwt("signer", key)));
    }
}

BOOST_AUTO_TEST_CASE(an_assertion_by_another_key_is_refused, *needs({"node", "oidc-provider"})) {
    auto const provider = openid_provider::with_key("signer", sts::signing_key::generate().public_jwk());
    auto const other = client_authentication::private_key_jwt("signer", sts::signing_key::generate());
    check_refused(provider, credentials(other), 401, "invalid_client");
}

BOOST_AUTO_TEST_CASE(N4_proofs_bind_tokens_and_nonces_are_sent, *needs({"node", "oidc-provider"})) {
    auto const key = sts::signing_key::generate();
    for (bool const nonces : {false, true}) {
        auto const provider = openid_provider::with_key("signer", key.public_jwk(), nonces);
        auto const asked = credentials(client_authentication::private_key_jwt("signer", key))
                               .proof(key, sts::dpop_binding::required);
        auto const sts_client = client(provider.options());
        for (int i = 0; i < 2; ++i) {
            auto const ended = exchange(sts_client, asked);
            BOOST_REQUIRE_MESSAGE(ended.has_value(), ended.error().to_string());
            BOOST_TEST(ended->token_type == "DPoP");
        }
        auto const expected = nonces ? std::vector<std::string>{"400 use_dpop_nonce", "200 ", "200 "}
                                     : std::vector<std::string>{"200 ", "200 "};
        BOOST_TEST(provider.requests() == expected, boost::test_tools::per_element());
        BOOST_TEST(sts_client.stats().retries == 0U);
    }
}

BOOST_AUTO_TEST_SUITE_END()
