#include "core/request_bytes.hpp"
#include "support/refused.hpp"

#include <equinix/sts/version.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

namespace sts = equinix::sts;
namespace base = sts::base;
namespace core = sts::core;

namespace {

base::wiped_buffer written(sts::client_options const& options, sts::exchange_request const& request) {
    base::wiped_buffer out;
    core::write_request(out, core::head_prefix(options), request);
    return out;
}

std::string bytes(sts::client_options const& options, sts::exchange_request const& request) {
    return std::string(base::view(written(options, request)));
}

std::string body(sts::exchange_request const& request) {
    auto const all = bytes(sts::client_options(), request);
    return all.substr(all.find("\r\n\r\n") + 4);
}

std::string head(sts::exchange_request const& request) {
    auto const all = bytes(sts::client_options(), request);
    return all.substr(0, all.find("\r\n\r\n") + 4);
}

sts::exchange_request exchange() {
    return sts::exchange_request(sts::subject_token("e.y.J"));
}

constexpr char exchange_form[] = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange";
constexpr char id_token_form[] = "subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aid_token";

} // namespace

BOOST_AUTO_TEST_SUITE(request_bytes)

BOOST_AUTO_TEST_CASE(H1_D22_are_exactly_these_for_a_token_exchange) {
    sts::client_options options;
    options.endpoint = sts::endpoint("https://sts.example.com:8443/use/token");
    auto const request = exchange().scope(sts::scope::role_assignments("1"));
    auto const form =
        std::string(exchange_form) + "&scope=roleassignments%3A1&subject_token=e.y.J&" + id_token_form;
    BOOST_TEST(bytes(options, request) == "POST /use/token HTTP/1.1\r\n"
                                          "Host: sts.example.com:8443\r\n"
                                          "User-Agent: equinix-sts-cpp/" EQUINIX_STS_VERSION "\r\n"
                                          "Accept: application/json\r\n"
                                          "Content-Type: application/x-www-form-urlencoded\r\n"
                                          "Content-Length: " +
                                              std::to_string(form.size()) + "\r\n\r\n" + form);
}

BOOST_AUTO_TEST_CASE(are_written_again_into_the_same_memory) {
    auto out = written(sts::client_options(), exchange());
    auto const* const at = out.data();
    auto const size = out.size();
    base::wipe(out);
    core::write_request(out, core::head_prefix(sts::client_options()), exchange());
    BOOST_TEST(out.size() == size);
    BOOST_TEST((out.data() == at));
}

BOOST_AUTO_TEST_CASE(tell_the_length_of_the_body_however_much_of_it_is_escaped) {
    for (std::size_t escaped = 1; escaped < 1200; ++escaped) {
        auto const all = bytes(sts::client_options(), exchange().parameter("p", std::string(escaped, '%')));
        auto const end = all.find("\r\n\r\n");
        auto const length = all.rfind("Content-Length: ", end) + 16;
        BOOST_REQUIRE(all.substr(length, end - length) == std::to_string(all.size() - end - 4));
    }
    for (std::size_t size = 1; size < 1200; ++size) {
        auto const all = bytes(sts::client_options(), exchange().parameter("p", std::string(size, 'a')));
        auto const end = all.find("\r\n\r\n");
        BOOST_REQUIRE(all.ends_with(std::string(size, 'a')));
        BOOST_REQUIRE(all.find("Content-Length: " + std::to_string(all.size() - end - 4)) !=
                      std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(have_no_field_that_was_not_set) {
    BOOST_TEST(body(sts::exchange_request::client_credentials()) == "grant_type=client_credentials");
    BOOST_TEST(body(exchange()) == std::string(exchange_form) + "&subject_token=e.y.J&" + id_token_form);
    BOOST_TEST(head(exchange()).find("Authorization") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(put_an_ipv6_host_in_brackets) {
    sts::client_options options;
    options.endpoint = sts::endpoint("https://[::1]:9443/use/token");
    BOOST_TEST(bytes(options, exchange()).find("\r\nHost: [::1]:9443\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(put_the_users_product_before_ours_and_the_users_headers_in_their_order) {
    sts::client_options options;
    options.user_agent = "billing/2.1 (prod)";
    options.headers = {{"X-Request-Source", "a b"}, {"traceparent", "00-1-2-03"}};
    auto const all = bytes(options, exchange());
    BOOST_TEST(all.find("\r\nUser-Agent: billing/2.1 (prod) equinix-sts-cpp/" EQUINIX_STS_VERSION "\r\n") !=
               std::string::npos);
    BOOST_TEST(all.find("\r\nX-Request-Source: a b\r\ntraceparent: 00-1-2-03\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(carry_every_parameter_of_rfc_8693) {
    auto const request = exchange()
                             .resource("https://a.test/x?y")
                             .resource("https://b.test")
                             .audience("c d")
                             .requested_token_type(sts::token_types::jwt)
                             .actor(sts::subject_token("act", sts::token_types::access_token))
                             .parameter("claims", "{\"a\":1}");
    BOOST_TEST(body(request) ==
               std::string(exchange_form) + "&subject_token=e.y.J&" + id_token_form +
                   "&actor_token=act"
                   "&actor_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
                   "&resource=https%3A%2F%2Fa.test%2Fx%3Fy&resource=https%3A%2F%2Fb.test"
                   "&audience=c+d"
                   "&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt"
                   "&claims=%7B%22a%22%3A1%7D");
}

BOOST_AUTO_TEST_CASE(let_a_client_credentials_request_carry_a_subject_token) {
    auto const request = sts::exchange_request::client_credentials().subject(sts::subject_token("t"));
    BOOST_TEST(body(request) ==
               std::string("grant_type=client_credentials&subject_token=t&") + id_token_form);
}

BOOST_AUTO_TEST_CASE(H27_of_the_jwt_bearer_grant_have_an_assertion_without_a_type) {
    auto const request =
        sts::exchange_request::jwt_bearer(sts::subject_token("e.y.J", sts::token_types::id_jag))
            .scope(sts::scope("a"));
    BOOST_TEST(body(request) == "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&scope=a"
                                "&assertion=e.y.J");
}

BOOST_AUTO_TEST_CASE(authenticate_by_form_fields) {
    auto request = sts::exchange_request::client_credentials().authentication(
        sts::client_authentication::secret_post("my id", sts::secret("s&cret")));
    BOOST_TEST(body(request) == "grant_type=client_credentials&client_id=my+id&client_secret=s%26cret");
    BOOST_TEST(head(request).find("Authorization") == std::string::npos);
}

// RFC 6749 section 2.3.1: form-encoded first, then base64
BOOST_AUTO_TEST_CASE(authenticate_by_a_basic_header) {
    auto request = sts::exchange_request::client_credentials().authentication(
        sts::client_authentication::secret_basic("my id:x", sts::secret("s&cret")));
    BOOST_TEST(body(request) == "grant_type=client_credentials");
    // base64 of "my+id%3Ax:s%26cret"
    BOOST_TEST(head(request).find("\r\nAuthorization: Basic bXkraWQlM0F4OnMlMjZjcmV0\r\n") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(authenticate_by_a_bearer_header_or_a_bare_client_id) {
    BOOST_TEST(head(exchange().authentication(sts::client_authentication::bearer(sts::secret("abc"))))
                   .find("\r\nAuthorization: Bearer abc\r\n") != std::string::npos);
    auto const named =
        sts::exchange_request::client_credentials().authentication(sts::client_authentication::none("me"));
    BOOST_TEST(body(named) == "grant_type=client_credentials&client_id=me");
}

BOOST_AUTO_TEST_CASE(are_the_same_each_time) {
    auto const request = exchange().scope(sts::scope("a b"));
    BOOST_TEST(bytes(sts::client_options(), request) == bytes(sts::client_options(), request));
}

BOOST_AUTO_TEST_CASE(has_what_was_signed_for_it) {
    core::signatures made;
    made.proof = "a.b.c";
    made.assertion = "d.e.f";
    base::wiped_buffer bytes;
    core::write_request(bytes, core::head_prefix(sts::client_options()), exchange(), made);
    std::string const text(base::view(bytes));
    BOOST_TEST(text.find("\r\nDPoP: a.b.c\r\n") != std::string::npos);
    BOOST_TEST(
        text.find("&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                  "&client_assertion=d.e.f") != std::string::npos);
    auto const body = text.substr(text.find("\r\n\r\n") + 4);
    BOOST_TEST(text.find("Content-Length: " + std::to_string(body.size()) + "\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(N11_proofs_and_assertions_are_secrets_that_no_error_quotes) {
    core::signatures made;
    made.proof = "a.b.c";
    made.assertion = "d.e.f";
    auto const all = core::secret_spellings(exchange(), made);
    for (auto const* const one : {"a.b.c", "d.e.f"})
        BOOST_TEST(std::ranges::count_if(
                       all, [&](auto const& spelling) { return base::view(spelling) == one; }) == 1);
}

BOOST_AUTO_TEST_CASE(N11_a_header_of_the_users_cannot_be_a_proof) {
    sts::client_options options;
    options.headers.emplace_back("DPoP", "a.b.c");
    BOOST_TEST(test::refusal([&] { core::head_prefix(options); }).find("DPoP") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
