#include "core/request_bytes.hpp"
#include "support/refused.hpp"
#include "values/check_options.hpp"
#include "values/check_refresh.hpp"

#include <equinix/sts.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <functional>
#include <string>

namespace sts = equinix::sts;
namespace values = sts::values;
namespace core = sts::core;
using test::contains;
using test::refusal;
using test::refused_by;

BOOST_AUTO_TEST_SUITE(scope)

BOOST_AUTO_TEST_CASE(has_a_constructor_for_each_form_of_the_service) {
    BOOST_TEST(sts::scope::access_policy("ern:a:b:c:project:1:d:e/f").value() == "ern:a:b:c:project:1:d:e/f");
    BOOST_TEST(sts::scope::role_assignments("1").value() == "roleassignments:1");
    BOOST_TEST(sts::scope::project_policies("2").value() == "projectpolicies:2");
    BOOST_TEST(sts::scope::org_policies("3").value() == "orgpolicies:3");
    BOOST_TEST(sts::scope::org_policies_and_role_assignments("4").value() ==
               "orgpolicies:4 roleassignments:4");
}

BOOST_AUTO_TEST_CASE(takes_any_text_that_rfc_6749_allows) {
    for (std::string const text : {"openid", "a b c", "!#[]~", "urn:x:y"})
        BOOST_TEST(sts::scope(text).value() == text);
    BOOST_TEST(sts::scope(std::string(8192, 'x')).value().size() == 8192U);
}

BOOST_AUTO_TEST_CASE(H20_refuses_what_rfc_6749_forbids) {
    std::string const forbidden[] = {"",
                                     " a",
                                     "a ",
                                     "a  b",
                                     "a\"b",
                                     "a\\b",
                                     "a\nb",
                                     "a\tb",
                                     "a\x7f",
                                     "\xc3\xa9",
                                     std::string("a\0b", 3),
                                     std::string(8193, 'x')};
    for (auto const& text : forbidden)
        BOOST_TEST(contains(refusal([&] { sts::scope const made(text); }), "scope"), text);
}

BOOST_AUTO_TEST_CASE(refuses_an_identifier_that_would_smuggle_in_a_second_scope) {
    BOOST_TEST(contains(refusal([] { sts::scope::role_assignments("1 orgpolicies:2"); }), "space"));
    BOOST_TEST(
        contains(refusal([] { sts::scope::role_assignments("roleassignments:1"); }), "only the identifier"));
    BOOST_TEST(contains(refusal([] { sts::scope::org_policies(""); }), "empty"));
    BOOST_TEST(contains(refusal([] { sts::scope::access_policy("arn:x"); }), "ern:"));
}

BOOST_AUTO_TEST_CASE(adds_values_behind_one_space_each) {
    BOOST_TEST(sts::scope("a").add(sts::scope("b")).add(sts::scope("c d")).value() == "a b c d");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(subject_token)

BOOST_AUTO_TEST_CASE(is_an_id_token_unless_told_otherwise) {
    sts::subject_token const token("abc");
    BOOST_TEST(token.token().reveal() == "abc");
    BOOST_TEST(token.type() == "urn:ietf:params:oauth:token-type:id_token");
    BOOST_TEST(sts::subject_token("abc", sts::token_types::jwt).type() ==
               "urn:ietf:params:oauth:token-type:jwt");
}

BOOST_AUTO_TEST_CASE(takes_64_kib) {
    BOOST_TEST(sts::subject_token(std::string(65536, 'x')).token().size() == 65536U);
}

BOOST_AUTO_TEST_CASE(refuses_what_cannot_be_a_token_without_quoting_it) {
    std::string const bad[] = {"",         "canary\n",   " canary",        "can ary",
                               "canary\t", "canary\x01", "canary\xc3\xa9", std::string(65537, 'c')};
    for (auto const& text : bad) {
        auto const message = refusal([&] { sts::subject_token const made(text); });
        BOOST_TEST(contains(message, "subject token"), text);
        BOOST_TEST(!contains(message, "can"), message);
    }
    BOOST_TEST(contains(refusal([] { sts::subject_token const made("x", ""); }), "type"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(endpoint)

BOOST_AUTO_TEST_CASE(is_the_public_service_by_default) {
    sts::endpoint const made;
    BOOST_TEST(made.url() == "https://sts.eqix.equinix.com/use/token");
    BOOST_TEST(made.host() == "sts.eqix.equinix.com");
    BOOST_TEST(made.port() == 443U);
    BOOST_TEST(!made.is_ip_address());
}

BOOST_AUTO_TEST_CASE(takes_a_whole_url_apart) {
    BOOST_TEST(sts::endpoint::v1().url() == "https://sts.eqix.equinix.com/v1/token");
    sts::endpoint const made("HTTPS://STS.Example.com:8443/v1/token?a=b");
    BOOST_TEST(made.host() == "sts.example.com");
    BOOST_TEST(made.port() == 8443U);
    BOOST_TEST(made.authority() == "sts.example.com:8443");
    BOOST_TEST(made.target() == "/v1/token?a=b");
}

BOOST_AUTO_TEST_CASE(leaves_out_the_default_port) {
    BOOST_TEST(sts::endpoint("https://a.test:443/x").authority() == "a.test");
    BOOST_TEST(sts::endpoint("https://a.test:/x").authority() == "a.test");
    BOOST_TEST(sts::endpoint("https://a.test").target() == "/");
    BOOST_TEST(sts::endpoint("https://a.test?q").target() == "/?q");
}

BOOST_AUTO_TEST_CASE(A11_puts_an_ipv6_address_in_brackets_for_the_host_header_only) {
    sts::endpoint const made("https://[::1]:9443/use/token");
    BOOST_TEST(made.host() == "::1");
    BOOST_TEST(made.authority() == "[::1]:9443");
    BOOST_TEST(made.is_ip_address());
    sts::endpoint const v4("https://127.0.0.1/use/token");
    BOOST_TEST(v4.is_ip_address());
    BOOST_TEST(v4.authority() == "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(builds_on_a_base_url) {
    BOOST_TEST(sts::endpoint::from_base("https://a.test").url() == "https://a.test/use/token");
    BOOST_TEST(sts::endpoint::from_base("https://a.test/").url() == "https://a.test/use/token");
    BOOST_TEST(sts::endpoint::from_base("https://a.test/sts", "/v1/token").url() ==
               "https://a.test/sts/v1/token");
    BOOST_TEST(sts::endpoint::from_base("https://a.test/use/token").url() == "https://a.test/use/token");
    BOOST_TEST(sts::endpoint::from_base("https://token", "/token").url() == "https://token/token");
    refusal([] { sts::endpoint::from_base("https://a.test?x=y"); });
    refusal([] { sts::endpoint::from_base("https://a.test", "v1"); });
}

BOOST_AUTO_TEST_CASE(refuses_everything_but_plain_https) {
    for (std::string const url : {"http://a.test/",
                                  "http://127.0.0.1/",
                                  "ftp://a.test/",
                                  "httpss://a.test/",
                                  "a.test/use/token",
                                  "a.test: ",
                                  "https://a.test/ ",
                                  "https://a.test/\xc3\xa9",
                                  "",
                                  "https:/a.test",
                                  "https:a.test",
                                  "s:^",
                                  "https://",
                                  "https:///x",
                                  "https://user@a.test/",
                                  "https://user:canary@a.test/",
                                  "https://a.test/#f",
                                  "https://a.test:0/",
                                  "https://a.test:65536/",
                                  "https://a.test:65979/",
                                  "https://127.1/",
                                  "https://0x7f.0.0.0x1/",
                                  "https://1.2.3.4.5/",
                                  "https://a.test.7./",
                                  "https://a.test:x/",
                                  "https://a b.test/",
                                  "https://b\xc3\xbc.test/",
                                  "https://a%2etest/",
                                  "https://a..test/",
                                  "https://[::1/",
                                  "https://[v1.x]/",
                                  "https://[fe80::1%25eth0]/",
                                  "https://a.test/a b",
                                  "https://a.test/\r\nX: y"}) {
        auto const message = refusal([&] { sts::endpoint const made(url); });
        BOOST_TEST(contains(message, "https://host"), url);
        BOOST_TEST(!contains(message, "canary"), message);
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(exchange_request)

BOOST_AUTO_TEST_CASE(names_the_setter_of_a_reserved_parameter) {
    auto request = sts::exchange_request(sts::subject_token("t"));
    for (std::string const name :
         {"grant_type", "scope", "subject_token", "subject_token_type", "actor_token", "actor_token_type",
          "requested_token_type", "client_id", "client_secret"})
        BOOST_TEST(contains(refusal([&] { request.parameter(name, "x"); }), name));
}

BOOST_AUTO_TEST_CASE(allows_only_resource_and_audience_twice) {
    auto request = sts::exchange_request(sts::subject_token("t"));
    request.resource("https://a").resource("https://b").audience("c").parameter("audience", "d");
    request.parameter("x", "1");
    BOOST_TEST(contains(refusal([&] { request.parameter("x", "2"); }), "twice"));
    BOOST_TEST(request.parameters().size() == 5U);
}

BOOST_AUTO_TEST_CASE(refuses_empty_values) {
    auto request = sts::exchange_request(sts::subject_token("t"));
    refusal([&] { request.parameter("x", ""); });
    refusal([&] { request.parameter("", "x"); });
    refusal([&] { request.resource(""); });
    BOOST_TEST(contains(refusal([&] { request.resource("nowhere"); }), "resource"));
    BOOST_TEST(contains(refusal([&] { request.parameter("resource", "https://a/#f"); }), "resource"));
    for (std::string const bad : {"canary\n", "can\x01", "\xc3\xa9"}) {
        BOOST_TEST(contains(refusal([&] { sts::client_authentication::none(bad); }), "client_id"));
        auto const message = refusal(
            [&] { sts::client_authentication::secret_post("id", sts::secret(std::string_view(bad))); });
        BOOST_TEST(contains(message, "client_secret"));
        BOOST_TEST(!contains(message, "canary"));
    }
    refusal([&] { sts::client_authentication::secret_post("", sts::secret("s")); });
    refusal([&] { sts::client_authentication::secret_post("id", sts::secret()); });
    refusal([&] { sts::client_authentication::secret_basic("id", sts::secret()); });
    refusal([&] { sts::client_authentication::bearer(sts::secret()); });
    BOOST_TEST(request.parameters().empty());
}

BOOST_AUTO_TEST_CASE(refuses_a_bearer_token_that_would_end_the_header) {
    auto const message = refusal([] { sts::client_authentication::bearer(sts::secret("canary\r\nX: y")); });
    BOOST_TEST(contains(message, "bearer"));
    BOOST_TEST(!contains(message, "canary"));
}

BOOST_AUTO_TEST_CASE(F2_refuses_a_timeout_that_is_not_positive) {
    auto request = sts::exchange_request(sts::subject_token("t"));
    BOOST_TEST(contains(refusal([&] { request.timeout(std::chrono::seconds(0)); }), "timeout"));
    BOOST_TEST(contains(refusal([&] { request.timeout(std::chrono::seconds(-1)); }), "timeout"));
    request.timeout(std::chrono::nanoseconds::max());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(client_options)

BOOST_AUTO_TEST_CASE(are_valid_by_default) {
    values::check_options(sts::client_options());
    BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(are_refused_by_name_when_out_of_range) {
    using options = sts::client_options;
    using namespace std::chrono_literals;
    std::pair<std::string, std::function<void(options&)>> const cases[] = {
        {"timeout", [](options& o) { o.timeout = 0s; }},
        {"timeout", [](options& o) { o.timeout = -1s; }},
        {"connect_timeout", [](options& o) { o.connect_timeout = 0s; }},
        {"attempt_timeout", [](options& o) { o.attempt_timeout = 0s; }},
        {"retry.base_delay", [](options& o) { o.retry.base_delay = 0s; }},
        {"retry.max_delay", [](options& o) { o.retry.max_delay = o.retry.base_delay - 1ns; }},
        {"retry.max_retry_after", [](options& o) { o.retry.max_retry_after = -1s; }},
        {"retry.max_attempts", [](options& o) { o.retry.max_attempts = 0; }},
        {"shutdown_timeout", [](options& o) { o.shutdown_timeout = -1s; }},
        {"pool.idle_timeout", [](options& o) { o.pool.idle_timeout = 0s; }},
        {"pool.max_age", [](options& o) { o.pool.max_age = 0s; }},
        {"pool.max_connections", [](options& o) { o.pool.max_connections = 0; }},
        {"pool.max_opening", [](options& o) { o.pool.max_opening = 0; }},
        {"pool.max_waiters", [](options& o) { o.pool.max_waiters = 0; }},
        {"limits.max_head", [](options& o) { o.limits.max_head = 1023; }},
        {"limits.max_head", [](options& o) { o.limits.max_head = 2 * 1024 * 1024; }},
        {"limits.max_body", [](options& o) { o.limits.max_body = 0; }},
        {"limits.max_body", [](options& o) { o.limits.max_body = std::size_t(-1); }},
        {"proxy_headers", [](options& o) { o.proxy_headers.emplace_back("Host", sts::secret("x")); }},
        {"proxy_headers", [](options& o) { o.proxy_headers.emplace_back("A B", sts::secret("x")); }},
    };
    for (auto const& [name, change] : cases) {
        options changed;
        change(changed);
        BOOST_TEST(contains(refusal([&] { values::check_options(changed); }), "client_options::" + name),
                   name);
        BOOST_TEST(refused_by([&] { values::check_options(changed); }).option == "client_options::" + name);
    }
}

BOOST_AUTO_TEST_CASE(refuse_headers_that_would_change_the_message) {
    using header = std::pair<std::string, std::string>;
    header const bad[] = {{"", "x"},
                          {"A B", "x"},
                          {"A:", "x"},
                          {"A\r\nB", "x"},
                          {"X-A", "x\r\nB: y"},
                          {"X-A", "x\ny"},
                          {"X-A", std::string("x\0y", 3)},
                          {"X-A", "\xc3\xa9"},
                          {"Host", "x"},
                          {"hOST", "x"},
                          {"Content-Length", "1"},
                          {"Authorization", "x"},
                          {"Transfer-Encoding", "chunked"},
                          {"Connection", "close"},
                          {"Expect", "100-continue"},
                          {"User-Agent", "x"},
                          {"Accept-Encoding", "gzip"}};
    for (auto const& one : bad) {
        sts::client_options options;
        options.headers.push_back(one);
        BOOST_TEST(contains(refusal([&] { core::head_prefix(options); }), "client_options::headers"),
                   one.first);
        BOOST_TEST(refused_by([&] { core::head_prefix(options); }).option == "client_options::headers");
    }
    sts::client_options options;
    options.user_agent = "a\r\nb";
    BOOST_TEST(contains(refusal([&] { core::head_prefix(options); }), "user_agent"));
    BOOST_TEST(refused_by([&] { core::head_prefix(options); }).option == "client_options::user_agent");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(refresh_options)

BOOST_AUTO_TEST_CASE(L25_are_refused_by_name_when_out_of_range) {
    using options = sts::refresh_options;
    using namespace std::chrono_literals;
    std::pair<std::string, std::function<void(options&)>> const cases[] = {
        {"name", [](options& o) { o.name = "a\nb"; }},
        {"name", [](options& o) { o.name = std::string(256, 'x'); }},
        {"max_margin", [](options& o) { o.max_margin = -1s; }},
        {"refresh_ahead", [](options& o) { o.refresh_ahead = -1s; }},
        {"max_lifetime", [](options& o) { o.max_lifetime = 0s; }},
        {"assumed_lifetime", [](options& o) { o.assumed_lifetime = 0s; }},
        {"shutdown_timeout", [](options& o) { o.shutdown_timeout = -1s; }}};
    for (auto const& [name, change] : cases) {
        options changed;
        change(changed);
        auto const info = refused_by([&] { values::check_refresh(changed); });
        BOOST_TEST(info.option == "refresh_options::" + name);
        BOOST_TEST(info.message.starts_with(info.option + " must "), info.message);
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(variables)

namespace {

/// Sets a variable for a scope.
class variable {
public:
    variable(char const* name, char const* value) : name_(name) { ::setenv(name, value, 1); }
    variable(variable const&) = delete;
    variable& operator=(variable const&) = delete;
    ~variable() { ::unsetenv(name_); }

private:
    char const* name_;
};

std::string option_of_request() {
    return refused_by([] { sts::exchange_request::from_environment(); }).option;
}

} // namespace

BOOST_AUTO_TEST_CASE(L25_one_that_cannot_work_is_named_by_the_error) {
    variable const timeout("EQUINIX_API_TIMEOUT", "soon");
    BOOST_TEST(refused_by([] { sts::client_options::from_environment(); }).option == "EQUINIX_API_TIMEOUT");
    variable const endpoint("EQUINIX_STS_ENDPOINT", "http://a.test");
    BOOST_TEST(refused_by([] { sts::client_options::from_environment(); }).option == "EQUINIX_STS_ENDPOINT");
    variable const proxy("https_proxy", "ftp://a.test");
    BOOST_TEST(refused_by([] { sts::proxy::from_environment(sts::endpoint()); }).option == "https_proxy");
}

BOOST_AUTO_TEST_CASE(L25_one_that_is_missing_is_named_by_the_error) {
    BOOST_TEST(option_of_request() == "EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN");
    {
        variable const secret("EQUINIX_STS_CLIENT_SECRET", "s");
        BOOST_TEST(option_of_request() == "EQUINIX_STS_CLIENT_ID");
    }
    {
        variable const id("EQUINIX_STS_CLIENT_ID", "i");
        BOOST_TEST(option_of_request() == "EQUINIX_STS_CLIENT_SECRET");
    }
    variable const subject("EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN", "t");
    BOOST_TEST(option_of_request() == "EQUINIX_TOKEN_EXCHANGE_SCOPE");
    variable const scope("EQUINIX_TOKEN_EXCHANGE_SCOPE", "a  b");
    BOOST_TEST(option_of_request() == "EQUINIX_TOKEN_EXCHANGE_SCOPE");
}

BOOST_AUTO_TEST_CASE(L25_an_argument_is_no_option) {
    BOOST_TEST(refused_by([] { sts::scope const made(""); }).option.empty());
    BOOST_TEST(refused_by([] { sts::endpoint const made("http://a.test"); }).option.empty());
    BOOST_TEST(refused_by([] { sts::subject_token const made(""); }).option.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(error)

BOOST_AUTO_TEST_CASE(names_every_kind_and_phase) {
    for (int kind = 1; kind <= static_cast<int>(sts::error_kind::malformed); ++kind) {
        auto const code = make_error_code(static_cast<sts::error_kind>(kind));
        BOOST_TEST(to_string(static_cast<sts::error_kind>(kind)) != "unknown");
        BOOST_TEST(code.message() == to_string(static_cast<sts::error_kind>(kind)));
    }
    BOOST_TEST(to_string(sts::error_kind::config) == "config");
    BOOST_TEST(to_string(sts::error_kind::malformed) == "malformed");
    BOOST_TEST(to_string(sts::phase::oauth) == "oauth");
    BOOST_TEST(to_string(static_cast<sts::phase>(99)) == "unknown");
}

BOOST_AUTO_TEST_CASE(compares_as_an_error_code) {
    boost::system::error_code const code = sts::error_kind::timeout;
    BOOST_TEST((code == sts::error_kind::timeout));
    BOOST_TEST(code.category().name() == "equinix.sts");
}

BOOST_AUTO_TEST_CASE(says_all_that_is_known_in_one_line) {
    sts::error_info info;
    info.kind = sts::error_kind::oauth;
    info.phase = sts::phase::oauth;
    info.message = "the service refused the request";
    info.http_status = 400;
    info.oauth_error = "invalid_request";
    info.oauth_error_description = "no";
    info.retry_after = std::chrono::seconds(3);
    info.attempts = 2;
    BOOST_TEST(
        std::string(sts::error(info).what()) ==
        "oauth (oauth): the service refused the request; status 400; error=invalid_request; "
        "error_description=no; retry after 3 s; after 2 attempts [troubleshooting.md#invalid_request]");
}

BOOST_AUTO_TEST_CASE(is_thrown_by_the_value_of_a_failed_result) {
    sts::error_info info;
    info.kind = sts::error_kind::limit;
    sts::result<sts::token> const failed = info;
    BOOST_CHECK_EXCEPTION(failed.value(), sts::error,
                          [](sts::error const& e) { return e.kind() == sts::error_kind::limit; });
}

BOOST_AUTO_TEST_CASE(tells_whether_later_can_help) {
    auto const retryable = [](sts::error_kind kind, unsigned status = 0) {
        sts::error_info info;
        info.kind = kind;
        info.http_status = status;
        return info.retryable();
    };
    using enum sts::error_kind;
    for (auto const kind : {dns, connect, timeout, network, truncated, unavailable})
        BOOST_TEST(retryable(kind), to_string(kind));
    for (auto const kind : {config, tls, canceled, protocol, limit, redirect, http, malformed})
        BOOST_TEST(!retryable(kind), to_string(kind));
    BOOST_TEST(retryable(oauth, 503));
    BOOST_TEST(retryable(oauth, 409));
    BOOST_TEST(!retryable(oauth, 400));
    BOOST_TEST(!retryable(oauth, 501));
}

BOOST_AUTO_TEST_CASE(is_default_constructible_as_a_result) {
    sts::result<sts::token> const empty;
    BOOST_TEST(empty.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
