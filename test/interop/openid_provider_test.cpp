// A certified OpenID provider: its ID tokens, its token exchange and its client credentials.
#include "interop/openid_provider.hpp"
#include "support/refused.hpp"

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

BOOST_AUTO_TEST_SUITE_END()
