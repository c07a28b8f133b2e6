// Variables of the environment that users of the service's Terraform provider have set already.
#include "support/refused.hpp"
#include "support/token_source.hpp"

#include <cstdlib>
#include <set>

using namespace test;

namespace {

/// Variables that are gone again with the test.
struct environment : sourced {
    environment() { clear(); }
    ~environment() { clear(); }

    void set(std::string const& name, std::string const& value) {
        ::setenv(name.c_str(), value.c_str(), 1);
        names.insert(name);
    }
    void clear() {
        for (auto const& name : names)
            ::unsetenv(name.c_str());
    }

    std::set<std::string> names = {"EQUINIX_STS_ENDPOINT",
                                   "EQUINIX_API_TIMEOUT",
                                   "EQUINIX_TOKEN_EXCHANGE_SCOPE",
                                   "EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN",
                                   "EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN_ENV_VAR",
                                   "EQUINIX_STS_CLIENT_ID",
                                   "EQUINIX_STS_CLIENT_SECRET",
                                   "EQUINIX_API_CLIENTID",
                                   "EQUINIX_API_CLIENTSECRET"};
};

std::string options_refused() {
    return refusal([] { sts::client_options::from_environment(); });
}
std::string request_refused() {
    return refusal([] { sts::exchange_request::from_environment(); });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(environment_variables, environment)

BOOST_AUTO_TEST_CASE(without_any_the_options_are_the_defaults) {
    auto const options = sts::client_options::from_environment();
    BOOST_TEST(options.endpoint.url() == "https://sts.eqix.equinix.com/use/token");
    BOOST_TEST((options.timeout == std::chrono::seconds(30)));
    set("EQUINIX_STS_ENDPOINT", "");
    set("EQUINIX_API_TIMEOUT", "");
    BOOST_TEST(sts::client_options::from_environment().endpoint.url() == options.endpoint.url());
}

BOOST_AUTO_TEST_CASE(the_endpoint_is_a_base_url_or_a_whole_one) {
    set("EQUINIX_STS_ENDPOINT", "https://sts.example.test:8443/");
    BOOST_TEST(sts::client_options::from_environment().endpoint.url() ==
               "https://sts.example.test:8443/use/token");
    set("EQUINIX_STS_ENDPOINT", "https://sts.example.test/v1/token");
    BOOST_TEST(sts::client_options::from_environment().endpoint.url() == "https://sts.example.test/v1/token");
}

BOOST_AUTO_TEST_CASE(the_timeout_is_in_whole_seconds) {
    set("EQUINIX_API_TIMEOUT", "7");
    BOOST_TEST((sts::client_options::from_environment().timeout == std::chrono::seconds(7)));
}

BOOST_AUTO_TEST_CASE(what_cannot_work_is_told_by_the_variables_name) {
    for (auto const* const wrong : {"0", "-1", "1.5", "7s", "99999999999999999999"}) {
        set("EQUINIX_API_TIMEOUT", wrong);
        BOOST_TEST(contains(options_refused(), "EQUINIX_API_TIMEOUT"));
    }
    set("EQUINIX_API_TIMEOUT", "");
    set("EQUINIX_STS_ENDPOINT", "http://sts.example.test");
    BOOST_TEST(contains(options_refused(), "EQUINIX_STS_ENDPOINT"));
    set("EQUINIX_TOKEN_EXCHANGE_SCOPE", "a\"b");
    BOOST_TEST(contains(request_refused(), "EQUINIX_TOKEN_EXCHANGE_SCOPE"));
}

BOOST_AUTO_TEST_CASE(without_any_there_is_no_request) {
    auto const text = request_refused();
    BOOST_TEST(contains(text, "EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN"));
    BOOST_TEST(contains(text, "EQUINIX_STS_CLIENT_ID"));
    BOOST_TEST(!contains(text, "EQUINIX_API_CLIENTID"));
}

BOOST_AUTO_TEST_CASE(K7_credentials_of_another_service_make_no_request_and_are_told_apart) {
    for (auto const* const one : {"EQUINIX_API_CLIENTID", "EQUINIX_API_CLIENTSECRET"}) {
        clear();
        set(one, "canary-of-another-service");
        auto const text = request_refused();
        BOOST_TEST(contains(text, "api.equinix.com"));
        BOOST_TEST(contains(text, "EQUINIX_STS_CLIENT_SECRET"));
        BOOST_TEST(!contains(text, "canary"));
    }
}

BOOST_AUTO_TEST_CASE(a_token_exchange_without_a_scope_is_refused_before_anything_is_sent) {
    set("EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN", "abc");
    BOOST_TEST(contains(request_refused(), "EQUINIX_TOKEN_EXCHANGE_SCOPE"));
    auto const request = sts::exchange_request::from_environment(sts::scope::role_assignments("1"));
    BOOST_TEST(request.is_token_exchange());
    BOOST_TEST(request.scope()->value() == "roleassignments:1");
}

BOOST_AUTO_TEST_CASE(a_scope_of_the_program_takes_the_place_of_the_variables) {
    set("EQUINIX_TOKEN_EXCHANGE_SCOPE", "roleassignments:1");
    auto const request = sts::exchange_request::from_environment(sts::scope::role_assignments("2"));
    BOOST_TEST(request.scope()->value() == "roleassignments:2");
    clear();
    set("EQUINIX_STS_CLIENT_ID", "me");
    set("EQUINIX_STS_CLIENT_SECRET", "secret");
    auto const credentials = sts::exchange_request::from_environment(sts::scope::role_assignments("3"));
    BOOST_TEST((credentials.grant() == sts::grant_type::client_credentials));
    BOOST_TEST(credentials.scope()->value() == "roleassignments:3");
}

BOOST_AUTO_TEST_CASE(a_scope_or_a_subject_token_make_an_exchange) {
    set("EQUINIX_STS_CLIENT_ID", "me");
    set("EQUINIX_STS_CLIENT_SECRET", "secret");
    set("EQUINIX_TOKEN_EXCHANGE_SCOPE", "roleassignments:1");
    auto const request = sts::exchange_request::from_environment();
    BOOST_TEST(request.is_token_exchange());
    BOOST_TEST(request.scope()->value() == "roleassignments:1");
    BOOST_TEST(request.supplier() != nullptr);
    BOOST_TEST((request.authentication().which() == sts::client_authentication::method::none));
}

BOOST_AUTO_TEST_CASE(an_id_and_a_secret_alone_make_client_credentials) {
    set("EQUINIX_STS_CLIENT_ID", "me");
    BOOST_TEST(contains(request_refused(), "EQUINIX_STS_CLIENT_SECRET"));
    set("EQUINIX_STS_CLIENT_SECRET", " secret\n");
    auto const request = sts::exchange_request::from_environment();
    BOOST_TEST(!request.is_token_exchange());
    BOOST_TEST((request.authentication().which() == sts::client_authentication::method::secret_basic));
    BOOST_TEST(request.authentication().client_id() == "me");
    BOOST_TEST(request.authentication().credential().reveal() == "secret");
}

BOOST_AUTO_TEST_CASE(the_subject_token_is_read_at_each_exchange_from_the_variable_that_is_named) {
    set("EQUINIX_TOKEN_EXCHANGE_SCOPE", "roleassignments:1");
    auto const tokens = source(client(one_attempt()), sts::exchange_request::from_environment());
    auto const info = failure_of(tokens);
    BOOST_TEST(info.kind == sts::error_kind::config);
    BOOST_TEST(info.phase == sts::phase::supplier);
    BOOST_TEST(contains(info.message, "EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN"));
    set("EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN_ENV_VAR", "MY_OWN_TOKEN");
    set("MY_OWN_TOKEN", mock.id_token());
    auto const later = source(client(one_attempt()), sts::exchange_request::from_environment());
    BOOST_TEST(token_of(later) != nullptr);
}

BOOST_AUTO_TEST_CASE(a_source_comes_from_the_environment_in_one_line) {
    set("EQUINIX_STS_ENDPOINT", "https://127.0.0.1:" + std::to_string(mock.port()));
    set("EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN", mock.id_token());
    set("EQUINIX_TOKEN_EXCHANGE_SCOPE", "roleassignments:1");
    auto const tokens = sts::token_source::from_environment(context.get_executor());
    // The mock's authority is not one of the system's: this far it must come, and no further.
    BOOST_TEST(failure_of(tokens).kind == sts::error_kind::tls);
    tokens.close();
    context.restart();
    context.run(); // its client has gone with it
}

BOOST_AUTO_TEST_SUITE_END()
