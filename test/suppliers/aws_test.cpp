// Tokens of AWS, and where the access keys for them come from.
#include "suppliers/aws_signature.hpp"
#include "suppliers/fetching.hpp"
#include "suppliers/request_of.hpp"
#include "suppliers/variable.hpp"
#include "support/http_server.hpp"
#include "support/process.hpp"

#include <chrono>
#include <list>
#include <mutex>
#include <set>
#include <string>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::suppliers::aws_options;
namespace detail = sts::suppliers_detail;

namespace {

std::string in_time(std::chrono::seconds from_now) {
    auto const when = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + from_now;
    auto const date = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(when));
    auto const time = std::chrono::hh_mm_ss(when - std::chrono::floor<std::chrono::days>(when));
    char text[32]; // NOLINT: written by the next line
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", int(date.year()),
                  unsigned(date.month()), unsigned(date.day()), int(time.hours().count()),
                  int(time.minutes().count()), int(time.seconds().count()));
    return text;
}

/// The services of AWS that a machine or a container reaches: the token service, which checks signatures, the
/// metadata service in its second version, and the endpoint of a container.
class aws_services {
public:
    aws_services() {
        server_.answer_by([this](std::string const& text) {
            std::scoped_lock const lock(mutex_);
            return answer(request_of(text));
        });
    }

    /// Changes how they answer from now on.
    template <class Change>
    void change(Change how) {
        std::scoped_lock const lock(mutex_);
        how(*this);
    }

    std::string url(std::string const& target = "/") const { return server_.url(target); }
    std::vector<std::string> requests() const { return server_.requests(); }
    std::size_t connections() const { return server_.connections(); }
    void fall_silent() { server_.fall_silent(); }
    std::size_t requests_of(std::string_view line) const {
        std::size_t found = 0;
        for (auto const& one : requests())
            found += request_of(one).line() == line ? 1 : 0;
        return found;
    }

    std::string key = "AKIDKEY", secret_key = "key-canary", session;
    std::string role = "my-role", keys_code = "Success", container_login;
    std::chrono::seconds keys_last = 1h;
    std::set<std::string> revoked; ///< sessions whose keys are refused
    std::string refusal;           ///< what the token service answers in place of a token
    unsigned refused_by = 403;

private:
    static std::string json(unsigned status, std::string const& body) {
        return http_answer(status, body, "application/json");
    }

    std::string answer(request_of const& request) {
        auto const line = request.line();
        if (line == "POST /") return token_service(request);
        if (line == "PUT /latest/api/token")
            return request.field("X-aws-ec2-metadata-token-ttl-seconds").empty()
                       ? http_answer(400, "")
                       : http_answer(200, "a-session");
        if (line.starts_with("GET /latest/")) return metadata(line.substr(4), request);
        if (line == "GET /container")
            return request.field("Authorization") == container_login ? json(200, keys())
                                                                     : json(401, R"({"message":"no"})");
        return http_answer(404, "");
    }

    std::string metadata(std::string const& path, request_of const& request) {
        if (request.field("X-aws-ec2-metadata-token") != "a-session") return http_answer(401, "");
        if (path == "/latest/meta-data/placement/region") return http_answer(200, "eu-central-1");
        if (path == "/latest/meta-data/iam/security-credentials/")
            return role.empty() ? http_answer(404, "") : http_answer(200, role + "\nanother");
        if (path == "/latest/meta-data/iam/security-credentials/" + role) return json(200, keys());
        return http_answer(404, "");
    }

    std::string keys() {
        if (keys_code != "Success") return R"({"Code":")" + keys_code + R"(","Message":"no keys"})";
        session = "session-canary-" + std::to_string(issued_.size());
        issued_.insert(session);
        return R"({"Code":"Success","Type":"AWS-HMAC","AccessKeyId":")" + key + R"(","SecretAccessKey":")" +
               secret_key + R"(","Token":")" + session + R"(","Expiration":")" + in_time(keys_last) + "\"}";
    }

    static std::string error(unsigned status, std::string const& code) {
        return http_answer(
            status,
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender"
            "</Type><Code>" +
                code + "</Code><Message>message-canary</Message></Error></ErrorResponse>",
            "text/xml");
    }

    std::string token_service(request_of const& request) {
        if (!refusal.empty()) return error(refused_by, refusal);
        if (revoked.contains(request.field("X-Amz-Security-Token"))) return error(403, "ExpiredToken");
        auto const date = request.field("X-Amz-Date");
        auto const login = request.field("Authorization");
        auto const body = request.body();
        auto const type = request.field("Content-Type");
        auto const host = request.field("Host");
        std::chrono::sys_seconds const now =
            std::chrono::sys_days(std::chrono::year(std::stoi(date.substr(0, 4))) /
                                  std::stoi(date.substr(4, 2)) / std::stoi(date.substr(6, 2))) +
            std::chrono::hours(std::stoi(date.substr(9, 2))) +
            std::chrono::minutes(std::stoi(date.substr(11, 2))) +
            std::chrono::seconds(std::stoi(date.substr(13, 2)));
        if (std::chrono::abs(std::chrono::system_clock::now() - now) > 15min)
            return error(400, "RequestExpired");
        auto const asked_by = request.field("X-Amz-Security-Token");
        if (asked_by != session && !issued_.contains(asked_by)) return error(403, "InvalidClientTokenId");
        detail::aws_credentials known;
        known.access_key_id = key;
        known.secret_access_key = sts::secret(secret_key);
        known.session_token = sts::secret(asked_by);
        auto const region = login.substr(login.find('/') + 10);
        auto const named = region.substr(0, region.find('/'));
        detail::aws_request what;
        what.host = host;
        what.region = named;
        what.service = "sts";
        what.content_type = type;
        what.body = body;
        auto const expected = detail::aws_signature(known, what, now);
        if (login != expected.back().second.reveal()) return error(403, "SignatureDoesNotMatch");
        if (body.find("Action=GetWebIdentityToken&Version=2011-06-15&") != 0 ||
            body.find("&SigningAlgorithm=") == std::string::npos)
            return error(400, "ValidationError");
        return http_answer(
            200,
            "<GetWebIdentityTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
            "<GetWebIdentityTokenResult><WebIdentityToken>token.of." +
                named +
                "</WebIdentityToken><Expiration>2026-04-21T07:37:10.000Z</Expiration>"
                "</GetWebIdentityTokenResult><ResponseMetadata/></GetWebIdentityTokenResponse>",
            "text/xml");
    }

    std::mutex mutex_;
    std::set<std::string> issued_; ///< sessions
    http_server server_;           // last: it answers until it is destroyed
};

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
    BOOST_TEST(contains(fetch().failure().message, "if this is no machine of AWS, set AWS_REGION"));
    variable const region("AWS_REGION", "r");
    BOOST_TEST(contains(fetch().failure().message, "if this is no machine of AWS, set AWS_ACCESS_KEY_ID"));
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
