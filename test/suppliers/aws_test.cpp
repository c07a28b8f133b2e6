// Tokens of AWS, and where the access keys for them come from.
#include "suppliers/aws_services.hpp"
#include "suppliers/fetching.hpp"
#include "suppliers/request_of.hpp"
#include "suppliers/variable.hpp"
#include "support/process.hpp"

#include <chrono>
#include <list>
#include <string>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::suppliers::aws_options;

namespace {

/// None of the machine that the tests run on.
struct no_variables {
    no_variables() {
        for (auto const* const name :
             {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION",
              "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_EC2_METADATA_DISABLED",
              "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
              "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"})
            unset.emplace_back(name, "");
    }

    std::list<variable> unset;
};

struct on_aws : no_variables {
    aws_services services;
    asio::io_context context;
    variable endpoint{"AWS_ENDPOINT_URL_STS", services.url()};
    variable metadata{"AWS_EC2_METADATA_SERVICE_ENDPOINT", services.url()};

    static aws_options options() {
        aws_options made;
        made.connection.retry.base_delay = 1ns;
        return made;
    }
    fetching fetch(aws_options with = options()) {
        return fetching(context, sts::suppliers::aws("https://sts.test/a b", std::move(with)));
    }
};

constexpr auto* const keys_line = "GET /latest/meta-data/iam/security-credentials/my-role";

struct with_keys : on_aws {
    variable id{"AWS_ACCESS_KEY_ID", services.key};
    variable key{"AWS_SECRET_ACCESS_KEY", services.secret_key};
    variable region{"AWS_REGION", "us-west-2"};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(aws_with_keys_of_the_environment, with_keys)

BOOST_AUTO_TEST_CASE(signs_what_it_asks) {
    BOOST_TEST(fetch().text() == "token.of.us-west-2");
    auto const all = services.requests();
    BOOST_REQUIRE(all.size() == 1U);
    BOOST_TEST(request_of(all[0]).body() ==
               "Action=GetWebIdentityToken&Version=2011-06-15&Audience.member.1=https%3A%2F%2Fsts.test%2Fa+b"
               "&SigningAlgorithm=RS256&DurationSeconds=300");
}

BOOST_AUTO_TEST_CASE(uses_the_session_token_of_temporary_keys) {
    services.change([](auto& it) { it.session = "session-canary"; });
    BOOST_TEST(contains(fetch().failure().message, "InvalidClientTokenId"));
    variable const session("AWS_SESSION_TOKEN", "session-canary");
    BOOST_TEST(fetch().text() == "token.of.us-west-2");
}

BOOST_AUTO_TEST_CASE(takes_region_algorithm_and_lifetime_from_its_options) {
    auto with = options();
    with.region = "eu-west-1";
    with.signing_algorithm = "ES384";
    with.lifetime = 1h;
    BOOST_TEST(fetch(with).text() == "token.of.eu-west-1");
    BOOST_TEST(request_of(services.requests().at(0))
                   .body()
                   .ends_with("&SigningAlgorithm=ES384&DurationSeconds=3600"));
}

BOOST_AUTO_TEST_CASE(H31_fails_with_the_code_of_aws_and_tells_no_secret) {
    services.change([](auto& it) { it.refusal = "OutboundWebIdentityFederationDisabledException"; });
    auto info = fetch().failure();
    BOOST_TEST(info.kind == error_kind::http);
    BOOST_TEST(info.http_status == 403U);
    BOOST_TEST(info.attempts == 1U);
    BOOST_TEST(contains(info.message, "AWS: "));
    BOOST_TEST(contains(info.message, "(OutboundWebIdentityFederationDisabledException)"));
    key.set("wrong-canary");
    services.change([](auto& it) { it.refusal.clear(); });
    info = fetch().failure();
    BOOST_TEST(contains(info.message, "(SignatureDoesNotMatch)"));
    BOOST_TEST(!contains(info.to_string(), "canary"));
}

BOOST_AUTO_TEST_CASE(H31_asks_again_when_aws_is_too_busy_whatever_the_status_says) {
    for (auto const* const code :
         {"ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"}) {
        services.change([&](auto& it) {
            it.refusal = code;
            it.refused_by = 400;
        });
        auto const info = fetch().failure();
        BOOST_TEST(info.kind == error_kind::unavailable, code);
        BOOST_TEST(info.service_code == code);
        BOOST_TEST(info.attempts > 1U);
    }
}

BOOST_AUTO_TEST_CASE(needs_both_keys) {
    key.set("");
    auto const info = fetch().failure();
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(info.option == "AWS_SECRET_ACCESS_KEY");
}

BOOST_AUTO_TEST_CASE(has_an_endpoint_without_a_path) {
    endpoint.set(services.url("/path"));
    BOOST_TEST(fetch().failure().option == "AWS_ENDPOINT_URL_STS");
    endpoint.set("http://192.0.2.1/");
    BOOST_TEST(fetch().failure().option == "AWS_ENDPOINT_URL_STS");
}

BOOST_AUTO_TEST_CASE(refuses_what_cannot_be_meant) {
    auto const refusal_with = [](auto const& change) {
        auto with = options();
        change(with);
        return refusal([&] { sts::suppliers::aws("a", with); });
    };
    BOOST_TEST(contains(refusal_with([](auto& it) { it.signing_algorithm = "HS256"; }), "RS256 or ES384"));
    BOOST_TEST(contains(refusal_with([](auto& it) { it.lifetime = 59s; }), "from 60 s to 1 h"));
    BOOST_TEST(contains(refusal_with([](auto& it) { it.region = "eu/x"; }), "aws_options::region"));
    BOOST_TEST(contains(refusal([] { sts::suppliers::aws(""); }), "audience"));
    BOOST_TEST(contains(refusal([] { sts::suppliers::aws(std::string(1001, 'x')); }), "audience"));
    region.set("eu x");
    BOOST_TEST(contains(fetch().failure().message, "the region of AWS"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(aws_on_a_machine, on_aws)

BOOST_AUTO_TEST_CASE(has_keys_and_region_from_the_metadata_service) {
    BOOST_TEST(fetch().text() == "token.of.eu-central-1");
}

BOOST_AUTO_TEST_CASE(keeps_the_keys_until_five_minutes_before_their_end) {
    variable const region("AWS_REGION", "r");
    auto const supplier = sts::suppliers::aws("a", options());
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(fetching(context, supplier).text() == "token.of.r");
    BOOST_TEST(services.requests_of(keys_line) == 1U);
    services.change([](auto& it) { it.keys_last = 299s; });
    auto const hasty = sts::suppliers::aws("a", options());
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(fetching(context, hasty).text() == "token.of.r");
    BOOST_TEST(services.requests_of(keys_line) == 4U);
}

BOOST_AUTO_TEST_CASE(H32_whoever_has_refused_keys_gets_others_once) {
    variable const region("AWS_REGION", "r");
    auto const supplier = sts::suppliers::aws("a", options());
    BOOST_TEST(fetching(context, supplier).text() == "token.of.r");
    BOOST_TEST(services.requests_of(keys_line) == 1U);
    services.change([](auto& it) { it.revoked.insert(it.session); });
    fetching first(context, supplier), second(context, supplier);
    BOOST_TEST(first.text() == "token.of.r");
    BOOST_TEST(second.text() == "token.of.r");
    BOOST_TEST(services.requests_of(keys_line) >= 2U);
}

BOOST_AUTO_TEST_CASE(H32_a_refusal_for_another_reason_costs_one_request) {
    variable const region("AWS_REGION", "r");
    auto const supplier = sts::suppliers::aws("a", options());
    BOOST_TEST(fetching(context, supplier).text() == "token.of.r");
    services.change([](auto& it) { it.refusal = "AccessDenied"; });
    auto const asked_before = services.requests().size();
    BOOST_TEST(contains(fetching(context, supplier).failure().message, "(AccessDenied)"));
    BOOST_TEST(services.requests().size() == asked_before + 1);
}

BOOST_AUTO_TEST_CASE(H32_keys_that_still_hold_are_used_while_no_others_can_be_fetched) {
    variable const region("AWS_REGION", "r");
    services.change([](auto& it) { it.keys_last = 200s; });
    auto const supplier = sts::suppliers::aws("a", options());
    BOOST_TEST(fetching(context, supplier).text() == "token.of.r");
    services.change([](auto& it) { it.role.clear(); });
    BOOST_TEST(fetching(context, supplier).text() == "token.of.r");
    services.change([](auto& it) { it.revoked.insert(it.session); });
    BOOST_TEST(fetching(context, supplier).failure().kind == error_kind::config);
}

BOOST_AUTO_TEST_CASE(asks_for_its_region_once) {
    auto const supplier = sts::suppliers::aws("a", options());
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(fetching(context, supplier).text() == "token.of.eu-central-1");
    BOOST_TEST(services.requests_of("GET /latest/meta-data/placement/region") == 1U);
}

BOOST_AUTO_TEST_CASE(has_a_role_or_says_that_there_is_none) {
    services.change([](auto& it) { it.role.clear(); });
    auto const info = fetch().failure();
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(contains(info.message, "the metadata service of AWS: the machine has no role"));
}

BOOST_AUTO_TEST_CASE(H31_takes_no_error_with_status_200_for_keys) {
    services.change([](auto& it) { it.keys_code = "AssumeRoleUnauthorizedAccess"; });
    auto const info = fetch().failure();
    BOOST_TEST(info.kind == error_kind::malformed);
    BOOST_TEST(contains(info.message, "no AccessKeyId"));
    BOOST_TEST(contains(info.message, "(AssumeRoleUnauthorizedAccess)"));
}

BOOST_AUTO_TEST_CASE(does_not_take_the_machines_identity_where_another_one_is_selected) {
    for (auto const* const name : {"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_PROFILE"}) {
        variable const other(name, "x");
        auto const info = fetch().failure();
        BOOST_TEST(info.kind == error_kind::config);
        BOOST_TEST(info.option == name);
    }
    BOOST_TEST(services.requests_of(keys_line) == 0U);
}

BOOST_AUTO_TEST_CASE(says_what_to_set_where_there_is_no_metadata_service) {
    metadata.set("http://127.0.0.1:1");
    auto const message = [&] {
        fetching one(context, sts::suppliers::aws("a", options()), std::chrono::steady_clock::now() + 100ms);
        return one.failure().message;
    };
    BOOST_TEST(contains(message(), "if this is not a machine of AWS, set AWS_REGION"));
    variable const region("AWS_REGION", "r");
    BOOST_TEST(contains(message(), "if this is not a machine of AWS, set AWS_ACCESS_KEY_ID"));
}

BOOST_AUTO_TEST_CASE(can_be_cancelled_while_it_asks) {
    services.fall_silent();
    fetching one(context, sts::suppliers::aws("a", options()));
    run_until(context, [&] { return services.connections() != 0; });
    one.cancel();
    BOOST_TEST(one.canceled());
}

BOOST_AUTO_TEST_CASE(asks_no_metadata_service_that_is_switched_off) {
    variable const off("AWS_EC2_METADATA_DISABLED", "True");
    BOOST_TEST(fetch().failure().option == "AWS_REGION");
    variable const region("AWS_REGION", "r");
    auto const info = fetch().failure();
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(info.option == "AWS_ACCESS_KEY_ID");
    BOOST_TEST(services.requests().empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(aws_in_a_container, on_aws)

BOOST_AUTO_TEST_CASE(has_keys_from_its_endpoint_by_a_login) {
    variable const region("AWS_REGION", "r");
    variable const full("AWS_CONTAINER_CREDENTIALS_FULL_URI", services.url("/container"));
    services.change([](auto& it) { it.container_login = "login-canary"; });
    BOOST_TEST(fetch().failure().http_status == 401U);
    variable const login("AWS_CONTAINER_AUTHORIZATION_TOKEN", "login-canary");
    BOOST_TEST(fetch().text() == "token.of.r");
    BOOST_TEST(services.requests_of("PUT /latest/api/token") == 0U);
}

BOOST_AUTO_TEST_CASE(reads_the_login_of_a_file_each_time) {
    variable const region("AWS_REGION", "r");
    variable const full("AWS_CONTAINER_CREDENTIALS_FULL_URI", services.url("/container"));
    services.change([](auto& it) { it.keys_last = 1min; });
    folder const place;
    variable const file("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", place.file("login", "first\n"));
    variable const other("AWS_CONTAINER_AUTHORIZATION_TOKEN", "not-this");
    services.change([](auto& it) { it.container_login = "first"; });
    auto const supplier = sts::suppliers::aws("a", options());
    BOOST_TEST(fetching(context, supplier).text() == "token.of.r");
    place.file("login", "second\n");
    services.change([](auto& it) { it.container_login = "second"; });
    BOOST_TEST(fetching(context, supplier).text() == "token.of.r");
}

BOOST_AUTO_TEST_CASE(H33_sends_its_login_without_tls_to_this_machine_alone) {
    variable const region("AWS_REGION", "r");
    variable const full("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/container");
    auto const info = fetch().failure();
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(info.option == "AWS_CONTAINER_CREDENTIALS_FULL_URI");
}

BOOST_AUTO_TEST_SUITE_END()
