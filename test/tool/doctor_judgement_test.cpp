// What the doctor makes of tokens, scopes, clocks and errors; no process, and no time but the test's.
#include "support/refused.hpp"
#include "testing/jwt.hpp"
#include "tool/doctor/judgement.hpp"

#include <boost/json/serialize.hpp>

using namespace test;
using namespace std::chrono_literals;
using namespace equinix::sts;
using namespace equinix::sts::tool::doctor;
namespace json = boost::json;

namespace {

constexpr std::chrono::sys_seconds now(std::chrono::seconds(1'800'000'000));

std::int64_t at(std::chrono::seconds from_now) {
    return (now + from_now).time_since_epoch().count();
}

secret token_with(json::object claims) {
    static testing::named_key const key(testing::signature_algorithm::es256, "k1");
    json::object all{{"iss", "https://idp.example.test"}, {"sub", "workload"}, {"aud", "equinix-sts"}};
    for (auto const& one : claims)
        all[one.key()] = one.value();
    return secret(testing::make_jwt(key, key.id(), all));
}

finding life_of(json::object claims) {
    return judge_subject_token(token_with(std::move(claims)), now).at(1);
}

error_info refused(std::string error, unsigned status = 400) {
    error_info info;
    info.kind = error_kind::oauth;
    info.phase = phase::oauth;
    info.http_status = status;
    info.oauth_error = std::move(error);
    return info;
}

} // namespace

BOOST_AUTO_TEST_SUITE(doctor_judgement)

BOOST_AUTO_TEST_CASE(tells_whose_a_token_is_and_for_whom) {
    auto const found = judge_subject_token(token_with({{"exp", at(600s)}}), now);
    BOOST_REQUIRE(found.size() == 2U);
    BOOST_TEST((found[0].is == verdict::good));
    for (auto const* part : {"ES256", "k1", "https://idp.example.test", "workload", "equinix-sts"})
        BOOST_TEST(contains(found[0].what, part), found[0].what);
    BOOST_TEST((found[1].is == verdict::good));
    BOOST_TEST(contains(found[1].what, "10 min 0 s"), found[1].what);
}

BOOST_AUTO_TEST_CASE(lists_every_audience) {
    auto const read = read_id_token(token_with({{"aud", json::array{"a", "b"}}}).reveal());
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST((read->audience == std::vector<std::string>{"a", "b"}));
}

BOOST_AUTO_TEST_CASE(notes_a_token_that_is_no_jwt_or_no_id_token) {
    BOOST_TEST((judge_subject_token(secret("opaque"), now).at(0).is == verdict::note));
    BOOST_TEST((judge_subject_token(secret("a.b.c"), now).at(0).is == verdict::note));
    BOOST_TEST(
        (judge_subject_token(token_with({{"aud", nullptr}, {"iss", ""}}), now).at(0).is == verdict::note));
    BOOST_TEST((judge_subject_token(token_with({{"aud", ""}}), now).at(0).is == verdict::note));
    // {"alg":"none"}.{"iss":"a","sub":"b","aud":"c","exp":1800003600}.
    secret const unsigned_token(
        "eyJhbGciOiJub25lIn0.eyJpc3MiOiJhIiwic3ViIjoiYiIsImF1ZCI6ImMiLCJleHAiOjE4MDAwMDM2MDB9.");
    BOOST_TEST(contains(judge_subject_token(unsigned_token, now).at(0).advice, "not signed"));
}

BOOST_AUTO_TEST_CASE(shows_a_tokens_words_without_control_characters) {
    auto const found = judge_subject_token(token_with({{"iss", "\033[31mred\n"}}), now);
    BOOST_TEST(!contains(found.at(0).what, "\033"));
    BOOST_TEST(contains(found.at(0).what, "[31mred"));
}

BOOST_AUTO_TEST_CASE(finds_an_expired_token_and_how_long_ago) {
    auto const found = life_of({{"exp", at(-2h)}});
    BOOST_TEST((found.is == verdict::bad));
    BOOST_TEST(contains(found.what, "expired 2 h 0 min ago"), found.what);
    BOOST_TEST(contains(found.advice, "https://idp.example.test"));
}

BOOST_AUTO_TEST_CASE(a_token_that_ends_this_second_has_expired) {
    BOOST_TEST((life_of({{"exp", at(0s)}}).is == verdict::bad));
    BOOST_TEST((life_of({{"exp", at(1s)}}).is == verdict::note));
    BOOST_TEST((life_of({{"exp", at(60s)}}).is == verdict::good));
}

BOOST_AUTO_TEST_CASE(finds_a_clock_that_is_behind_the_issuers) {
    auto const found = life_of({{"iat", at(2h)}, {"exp", at(3h)}});
    BOOST_TEST((found.is == verdict::bad));
    BOOST_TEST(contains(found.what, "clock is behind"), found.what);
    BOOST_TEST((life_of({{"iat", at(59s)}, {"exp", at(3h)}}).is == verdict::good));
}

BOOST_AUTO_TEST_CASE(finds_a_token_that_is_not_valid_yet) {
    auto const found = life_of({{"nbf", at(10min)}, {"exp", at(1h)}});
    BOOST_TEST((found.is == verdict::bad));
    BOOST_TEST(contains(found.what, "not valid before"), found.what);
}

BOOST_AUTO_TEST_CASE(notes_a_token_without_an_end) {
    BOOST_TEST((life_of({}).is == verdict::note));
    BOOST_TEST((life_of({{"exp", "soon"}}).is == verdict::note));
    BOOST_TEST(contains(life_of({{"exp", "1800000000"}}).what, "is not a number"));
}

BOOST_AUTO_TEST_CASE(knows_the_documented_scopes) {
    for (auto const* scope : {"ern:equinix:fabric:us:123:policy:9", "roleassignments:4711",
                              "projectpolicies:1", "orgpolicies:1 roleassignments:1"})
        BOOST_TEST((judge_scope(scope).is == verdict::good), scope);
}

BOOST_AUTO_TEST_CASE(notes_a_scope_of_another_form_and_names_the_value) {
    for (auto const* scope :
         {"roleassignment:4711", "roleassignments:", "ern:equinix", "orgpolicies:1 read"}) {
        auto const found = judge_scope(scope);
        BOOST_TEST((found.is == verdict::note), scope);
        BOOST_TEST(contains(found.advice, "roleassignments:<org_id>"));
    }
    BOOST_TEST(contains(judge_scope("orgpolicies:1 read").what, "'read'"));
}

BOOST_AUTO_TEST_CASE(judges_the_clock_by_a_minute_either_way) {
    BOOST_TEST((judge_clock(now, now + 60s, false).is == verdict::good));
    BOOST_TEST(contains(judge_clock(now, now + 2h, false).what, "2 h 0 min ahead of"));
    BOOST_TEST(contains(judge_clock(now, now - 61s, false).what, "1 min 1 s behind"));
    BOOST_TEST((judge_clock(now, now - 61s, false).is == verdict::bad));
}

BOOST_AUTO_TEST_CASE(notes_a_clock_that_is_off_where_an_exchange_works_all_the_same) {
    BOOST_TEST((judge_clock(now, now + 2h, true).is == verdict::note));
}

BOOST_AUTO_TEST_CASE(judges_a_certificates_time) {
    certificate const shown{"CN = a", "CN = b", "DNS:a", now - 1h, now + 1h};
    BOOST_TEST((judge_certificate(shown, now, true).is == verdict::good));
    BOOST_TEST(contains(judge_certificate(shown, now - 2h, true).advice, "not valid yet"));
    BOOST_TEST(contains(judge_certificate(shown, now + 2h, true).advice, "has expired"));
}

BOOST_AUTO_TEST_CASE(does_not_call_a_certificate_good_that_was_not_verified) {
    certificate const shown{"CN = a", "CN = b", "DNS:a", now - 1h, now + 1h};
    BOOST_TEST((judge_certificate(shown, now, false).is == verdict::note));
    BOOST_TEST(contains(judge_certificate(shown, now, false).advice, "not verified"));
}

BOOST_AUTO_TEST_CASE(knows_a_certificate_that_never_ends) {
    constexpr std::chrono::sys_days end(std::chrono::year(9999) / 12 / 31); // RFC 5280 section 4.1.2.5
    certificate const shown{"CN = a", "CN = b", "DNS:a", now - 1h, end};
    BOOST_TEST((judge_certificate(shown, now, true).is == verdict::good));
    BOOST_TEST(contains(judge_certificate(shown, now, true).what, "to 9999-12-31T00:00:00Z"));
}

BOOST_AUTO_TEST_CASE(advises_on_tls_by_what_went_wrong) {
    error_info failed;
    failed.kind = error_kind::tls;
    auto const advice = [&](std::string message, boost::system::error_code code = error_kind::tls) {
        failed.message = std::move(message);
        failed.code = code;
        return judge_failure("connection", failed, {}).advice;
    };
    std::string const refused = "the server's certificate was refused: ";
    auto const& x509 = certificate_category();
    auto const& alert = tls_alert_category();
    BOOST_TEST(contains(advice(refused + "unable to get local issuer certificate", {20, x509}), "--ca-file"));
    BOOST_TEST(contains(advice(refused + "hostname mismatch", {62, x509}), "host in --url"));
    BOOST_TEST(contains(advice(refused + "certificate has expired", {10, x509}), "renew"));
    BOOST_TEST(contains(advice("the peer sent the TLS alert 116: certificate required", {116, alert}),
                        "--client-cert"));
    BOOST_TEST(contains(advice("the peer sent the TLS alert 45: certificate expired", {45, alert}),
                        "the client certificate"));
    BOOST_TEST(contains(advice("TLS failed: wrong version number"), "port"));
}

BOOST_AUTO_TEST_CASE(never_looks_at_what_a_message_says) {
    error_info failed;
    failed.kind = error_kind::tls;
    failed.code = {45, tls_alert_category()};
    auto const before = judge_failure("connection", failed, {}).advice;
    failed.message = "the server's certificate was refused: hostname mismatch";
    BOOST_TEST(judge_failure("connection", failed, {}).advice == before);
}

BOOST_AUTO_TEST_CASE(notes_an_endpoint_that_is_no_token_operation) {
    BOOST_TEST((judge_endpoint(endpoint("https://sts.example.test/v1/token?x=1")).is == verdict::good));
    BOOST_TEST((judge_endpoint(endpoint("https://sts.example.test")).is == verdict::note));
}

BOOST_AUTO_TEST_CASE(tells_the_audience_when_the_service_refuses_the_token) {
    auto const subject = read_id_token(token_with({{"aud", "other"}}).reveal());
    for (auto const* error : {"invalid_grant", "invalid_request"}) {
        auto const found = judge_failure("exchange", refused(error), subject);
        BOOST_TEST((found.is == verdict::bad));
        BOOST_TEST(contains(found.advice, "audience (other)"), found.advice);
    }
}

BOOST_AUTO_TEST_CASE(has_advice_for_each_kind_of_error_but_those_that_the_caller_made) {
    for (unsigned kind = 1; kind <= error_kinds; ++kind) {
        error_info info;
        info.kind = static_cast<error_kind>(kind);
        info.phase = info.kind == error_kind::dns ? phase::dns : phase::none;
        bool const by_caller = info.kind == error_kind::canceled || info.kind == error_kind::limit;
        BOOST_TEST(judge_failure("x", info, {}).advice.empty() == by_caller, to_string(info.kind));
    }
    for (auto const* error : {"invalid_scope", "invalid_client", "unauthorized_client",
                              "unsupported_grant_type", "invalid_target", "something_new"})
        BOOST_TEST(!judge_failure("x", refused(error), {}).advice.empty(), error);
}

BOOST_AUTO_TEST_CASE(G18_each_address_of_the_host_is_told) {
    address_answer found;
    found.address = "127.0.0.2 port 443";
    found.tls_version = "TLSv1.3";
    found.status = 405;
    auto const good = judge_address(found);
    BOOST_TEST((good.is == verdict::good));
    BOOST_TEST(good.what == "127.0.0.2 port 443: TCP, TLSv1.3, status 405 to HEAD");
    found.status = 503;
    BOOST_TEST((judge_address(found).is == verdict::note));
    found.problem = "no TCP connection: Connection refused";
    auto const bad = judge_address(found);
    BOOST_TEST((bad.is == verdict::note));
    BOOST_TEST(bad.what == "127.0.0.2 port 443: no TCP connection: Connection refused");
    BOOST_TEST(!bad.advice.empty());
}

BOOST_AUTO_TEST_CASE(an_address_without_http_1_1_is_told) {
    address_answer found;
    found.address = "127.0.0.2 port 443";
    found.tls_version = "TLSv1.3";
    BOOST_TEST(contains(judge_address(found).what, "no HTTP/1.1"));
}

BOOST_AUTO_TEST_CASE(the_protocol_that_the_server_chooses_is_told) {
    using equinix::sts::http_version;
    BOOST_TEST(contains(judge_protocol("h2", http_version::automatic).what, "HTTP/2"));
    BOOST_TEST(contains(judge_protocol("h2", http_version::http1).what, "offers HTTP/1.1 alone"));
    BOOST_TEST(contains(judge_protocol("", http_version::automatic).what, "chooses nothing"));
    BOOST_TEST((judge_protocol("http/1.1", http_version::automatic).is == verdict::good));
    auto const bad = judge_protocol("http/1.1", http_version::http2);
    BOOST_TEST((bad.is == verdict::bad));
    BOOST_TEST(contains(bad.advice, "--http auto"));
}

BOOST_AUTO_TEST_SUITE_END()
