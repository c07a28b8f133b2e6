// `sts-token doctor` on set-ups that are broken, each in one way: it names the cause.
#include "support/http_server.hpp"
#include "support/process.hpp"
#include "support/refused.hpp"
#include "support/system_authorities.hpp"
#include "tool/doctor/authority_files.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/parse.hpp>

using namespace test;
using namespace std::chrono_literals;
namespace testing = equinix::sts::testing;
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

struct fixture {
    testing::mock_sts mock;
    folder in;
    std::string url = "--url " + mock.url();
    std::string ca = " --ca-file " + in.file("ca.pem", mock.ca_pem());
    std::string scope = " --scope roleassignments:1";
    std::string subject = " --subject-token-file " + in.file("id_token", mock.id_token());

    static ran doctor(std::string const& arguments) {
        return shell("env -u https_proxy -u HTTPS_PROXY -u all_proxy -u ALL_PROXY " STS_TOKEN " doctor " +
                     arguments + " 2>&1");
    }
    /// The one line with a problem; no secret in any.
    void finds(std::string const& arguments, std::string const& topic, std::string const& cause) const {
        auto const result = doctor(arguments);
        BOOST_TEST(result.exit_code == 1, result.output);
        auto const bad = result.output.find("BAD   " + topic);
        BOOST_REQUIRE_MESSAGE(bad != std::string::npos, result.output);
        auto const next = result.output.find("\nok ", bad);
        BOOST_TEST(contains(std::string_view(result.output).substr(bad, next - bad), cause), result.output);
        BOOST_TEST(contains(result.output, "what to do: "), result.output);
        BOOST_TEST(!contains(result.output, "eyJ"), result.output);
    }
    std::string token_with(testing::id_token_claims const& claims) const {
        return " --subject-token-file " + in.file("other_token", mock.id_token(claims));
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(doctor_command, fixture)

BOOST_AUTO_TEST_CASE(finds_nothing_wrong_where_nothing_is) {
    auto const result = doctor(url + ca + scope + subject);
    BOOST_TEST(result.exit_code == 0, result.output);
    BOOST_TEST(contains(result.output, "no problems\n"), result.output);
    for (auto const* fact : {"audience  equinix-sts", "TLSv1.3", "DNS:localhost",
                             "within a minute of the server's", "[redacted", "a token of "})
        BOOST_TEST(contains(result.output, fact), result.output);
    BOOST_TEST(!contains(result.output, "eyJ"));
}

BOOST_AUTO_TEST_CASE(prints_its_findings_as_json) {
    auto const findings = [](ran const& result) { return json::parse(result.output).as_object(); };
    auto const good = doctor(url + ca + scope + subject + " --json");
    BOOST_TEST(good.exit_code == 0, good.output);
    auto const told = findings(good);
    BOOST_TEST(told.at("problems").as_int64() == 0);
    BOOST_TEST(told.at("findings").as_array().size() > 8U);
    auto const& first = told.at("findings").as_array()[0].as_object();
    BOOST_TEST(first.at("verdict").as_string() == "ok");
    BOOST_TEST(first.at("topic").as_string() == "endpoint");
    BOOST_TEST(!contains(good.output, "eyJ"));
    auto const bad = doctor(url + ca + subject + " --json --no-exchange");
    BOOST_TEST(bad.exit_code == 1);
    BOOST_TEST(findings(bad).at("problems").as_int64() == 1);
    BOOST_TEST(contains(bad.output, R"({"verdict":"bad","topic":"scope","what":"none: )"), bad.output);
}

BOOST_AUTO_TEST_CASE(shows_the_authorities_with_their_fingerprints) {
    auto const result = doctor(url + ca + scope + subject);
    auto const file = ca.substr(ca.rfind(' ') + 1);
    auto const print = shell("openssl x509 -noout -fingerprint -sha256 -in " + file).output;
    BOOST_TEST(contains(result.output, "1 in " + file), result.output);
    BOOST_TEST(contains(result.output, "SHA-256 " + print.substr(print.find('=') + 1)), result.output);
}

BOOST_AUTO_TEST_CASE(tells_that_no_time_is_left_for_a_second_attempt) {
    auto const result = doctor(url + ca + scope + subject + " --timeout-ms 5000");
    BOOST_TEST(result.exit_code == 0);
    BOOST_TEST(contains(result.output, "note  time limits"), result.output);
    BOOST_TEST(!contains(doctor(url + ca + scope + subject).output, "time limits"));
}

BOOST_AUTO_TEST_CASE(tells_what_the_server_chooses_by_alpn) {
    testing::mock_options how;
    how.http2 = true;
    testing::mock_sts const both(how);
    auto const other =
        "--url " + both.url() + " --ca-file " + in.file("both.pem", both.ca_pem()) + scope + subject;
    auto const result = doctor(other + " --no-exchange");
    BOOST_TEST(result.exit_code == 0, result.output);
#ifdef EQUINIX_STS_HAS_HTTP2
    BOOST_TEST(contains(result.output, "ALPN h2"), result.output);
#endif
    BOOST_TEST(
        contains(doctor(url + ca + scope + subject + " --no-exchange").output, "chooses nothing by ALPN"));
}

BOOST_AUTO_TEST_CASE(wrong_ca) {
    testing::mock_sts const other;
    auto const wrong = " --ca-file " + in.file("other.pem", other.ca_pem());
    finds(url + wrong + scope + subject, "connection", "certificate");
    // Who the server says it is helps to find the right one.
    BOOST_TEST(
        contains(doctor(url + wrong + scope + subject).output, "issued by CN = equinix-sts mock authority"));
    BOOST_TEST(mock.requests() == 2U); // the looks at the headers: no token went out
}

BOOST_AUTO_TEST_CASE(expired_id_token) {
    finds(url + ca + scope + token_with(testing::id_token_claims().lifetime(-2h)), "lifetime",
          "expired 2 h 0 min ago");
}

BOOST_AUTO_TEST_CASE(no_scope) {
    finds(url + ca + subject + " --no-exchange", "scope", "none");
}

BOOST_AUTO_TEST_CASE(wrong_audience) {
    finds(url + ca + scope + token_with(testing::id_token_claims().audience("somebody-else")), "exchange",
          "its audience (somebody-else)");
}

BOOST_AUTO_TEST_CASE(no_dns) {
    finds("--url https://does-not-exist.invalid/use/token" + ca + scope + subject, "connection", "(dns)");
}

BOOST_AUTO_TEST_CASE(clock_off) {
    mock.always(testing::mock_answer::genuine().header("Date", "Tue, 15 Nov 2022 08:12:31 GMT"));
    finds(url + ca + scope + subject + " --no-exchange", "clock", "ahead of the server's");
}

BOOST_AUTO_TEST_CASE(looks_at_the_clock_behind_an_interim_answer) {
    mock.always(
        testing::mock_answer::raw("HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 405 No\r\n"
                                  "Date: Tue, 15 Nov 2022 08:12:31 GMT\r\nContent-Length: 0\r\n\r\n"));
    finds(url + ca + scope + subject + " --no-exchange", "clock", "ahead of the server's");
}

BOOST_AUTO_TEST_CASE(takes_no_time_from_a_cache) {
    mock.always(testing::mock_answer::genuine()
                    .header("Date", "Tue, 15 Nov 2022 08:12:31 GMT")
                    .header("Age", "126230400"));
    auto const result = doctor(url + ca + scope + subject);
    BOOST_TEST(result.exit_code == 0, result.output);
    BOOST_TEST(!contains(result.output, "clock"), result.output);
}

BOOST_AUTO_TEST_CASE(B28_unreadable_authorities_of_the_environment) {
    auto const doctor_with = [&](std::string const& folders) {
        return shell("env -u SSL_CERT_DIR SSL_CERT_FILE=/nonexistent/ca " + folders +
                     " " STS_TOKEN " doctor " + url + scope + subject + " 2>&1");
    };
    auto const refused = doctor_with("");
    BOOST_TEST(refused.exit_code == 1);
    BOOST_TEST(contains(refused.output, "BAD   options"), refused.output);
    BOOST_TEST(
        contains(refused.output, "SSL_CERT_FILE: cannot read '/nonexistent/ca': No such file or directory"),
        refused.output);
    auto const another = testing::issue(testing::authority_spec("another authority"));
    in.file(hashed_name(another), another.pem());
    auto const passed_over = doctor_with("SSL_CERT_DIR=" + in.path().string());
    BOOST_TEST(contains(passed_over.output,
                        "note  authorities     /nonexistent/ca, named by SSL_CERT_FILE, cannot be read"),
               passed_over.output);
}

BOOST_AUTO_TEST_CASE(knows_a_system_without_authorities) {
    folder const system;
    auto const there = system.path().string();
    BOOST_TEST(!equinix::sts::tool::doctor::has_authorities("/nonexistent", "/nonexistent"));
    BOOST_TEST(!equinix::sts::tool::doctor::has_authorities("/nonexistent", there));
    system.file("ca.pem", "x");
    BOOST_TEST(equinix::sts::tool::doctor::has_authorities("/nonexistent", there));
    BOOST_TEST(equinix::sts::tool::doctor::has_authorities(there + "/ca.pem", "/nonexistent"));
}

BOOST_AUTO_TEST_CASE(slow_service) {
    mock.next(testing::mock_answer::genuine().hold()); // the look at the headers takes it not
    finds(url + ca + scope + subject + " --attempt-timeout-ms 100", "exchange", "timeout (read)");
    mock.release();
}

BOOST_AUTO_TEST_CASE(leaves_scripted_answers_to_requests_for_tokens) {
    mock.next(testing::mock_answer::error(400, "invalid_scope"));
    finds(url + ca + scope + subject, "exchange", "invalid_scope");
}

BOOST_AUTO_TEST_CASE(proxy_refused) {
    http_server proxy;
    proxy.next(http_answer(403, "no"));
    finds(url + ca + scope + subject + " --proxy 127.0.0.1:" + std::to_string(proxy.port()), "connection",
          "status 403");
}

BOOST_AUTO_TEST_CASE(unknown_scope_form) {
    auto const result = doctor(url + ca + " --scope roleassignment:1" + subject);
    BOOST_TEST(contains(result.output, "note  scope"), result.output);
    BOOST_TEST(contains(result.output, "'roleassignment:1' has none of the documented forms"), result.output);
    mock.always(testing::mock_answer::error(400, "invalid_scope"));
    finds(url + ca + " --scope roleassignment:1" + subject, "exchange", "invalid_scope");
}

BOOST_AUTO_TEST_CASE(unreadable_file) {
    finds(url + ca + scope + " --subject-token-file /nonexistent/token", "request", "/nonexistent/token");
    finds(url + " --ca-file /nonexistent/ca" + scope + subject, "options", "--ca-file: cannot read");
}

BOOST_AUTO_TEST_CASE(server_down) {
    std::uint16_t closed = 0;
    {
        asio::io_context context;
        asio::ip::tcp::acceptor const gone(context, {asio::ip::address_v4::loopback(), 0});
        closed = gone.local_endpoint().port();
    }
    finds("--url https://127.0.0.1:" + std::to_string(closed) + "/use/token" + ca + scope + subject,
          "connection", "connect");
}

BOOST_AUTO_TEST_CASE(silent_server) {
    asio::io_context context;
    asio::ip::tcp::acceptor const silent(context,
                                         {asio::ip::address_v4::loopback(), 0}); // the kernel accepts
    finds("--url https://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/use/token" + ca +
              scope + subject + " --connect-timeout-ms 200",
          "connection", "timeout (tls)");
}

BOOST_AUTO_TEST_CASE(plain_http) {
    finds("--url http://localhost/use/token" + ca + scope + subject, "options", "is not https");
}

BOOST_AUTO_TEST_CASE(looks_at_a_token_even_where_the_endpoint_is_wrong) {
    auto const result = doctor("--url http://localhost/" + ca + scope + subject);
    BOOST_TEST(contains(result.output, "audience  equinix-sts"), result.output);
}

BOOST_AUTO_TEST_CASE(asks_a_command_for_the_token_once) {
    auto const count = (in.path() / "count").string();
    auto const script =
        in.file("mint", "echo x >>" + count + "; cat " + (in.path() / "id_token").string() + "\n");
    auto const result = doctor(url + ca + scope + " --subject-token-command 'sh " + script + "'");
    BOOST_TEST(result.exit_code == 0, result.output);
    BOOST_TEST(shell("wc -l <" + count).output == "1\n");
}

BOOST_AUTO_TEST_CASE(takes_from_the_environment_what_no_option_says) {
    auto const result =
        shell("env EQUINIX_STS_ENDPOINT=" + mock.url() + " EQUINIX_TOKEN_EXCHANGE_SCOPE=orgpolicies:1 " +
              "EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN=" + mock.id_token() +
              " SSL_CERT_FILE=" + (in.path() / "ca.pem").string() + " " STS_TOKEN " doctor 2>&1");
    BOOST_TEST(result.exit_code == 0, result.output);
    BOOST_TEST(contains(result.output, "a token of "), result.output);
}

BOOST_AUTO_TEST_CASE(exchanges_nothing_when_it_is_told_so) {
    BOOST_TEST(doctor(url + ca + scope + subject + " --no-exchange").exit_code == 0);
    for (auto const& request : mock.raw_requests())
        BOOST_TEST(request.starts_with("HEAD "));
}

BOOST_AUTO_TEST_CASE(notes_a_proxy_of_the_environment) {
    auto const result = shell("env https_proxy=http://user:canary@127.0.0.1:1 " STS_TOKEN " doctor " + url +
                              ca + scope + subject + " 2>&1");
    BOOST_TEST(contains(result.output, "note  proxy"), result.output);
    BOOST_TEST(!contains(result.output, "canary"));
}

BOOST_AUTO_TEST_CASE(paints_for_a_person_alone) {
    auto const command = STS_TOKEN " doctor " + url + ca + scope + subject;
    auto const at_terminal = [&](std::string const& variables) {
        return shell("env TERM=xterm " + variables + " script -qec '" + command + "' /dev/null").output;
    };
    BOOST_TEST(contains(at_terminal(""), "\033[32mok"));
    BOOST_TEST(!contains(at_terminal("NO_COLOR=1"), "\033"));
    BOOST_TEST(!contains(at_terminal("TERM=dumb"), "\033"));
    BOOST_TEST(!contains(shell(command).output, "\033"));
}

BOOST_AUTO_TEST_CASE(O7_looks_at_keys_and_whether_the_token_is_bound) {
    auto const key = in.file("key.pem", "");
    shell("openssl genpkey -algorithm RSA -out " + key + " 2>&1");
    auto const result = doctor(url + ca + scope + subject + " --dpop-key " + key);
    BOOST_TEST(result.exit_code == 0, result.output);
    for (auto const* fact :
         {"proof key", "RS256, thumbprint ", "on a thread of its own", "the token is bound to the key"})
        BOOST_TEST(contains(result.output, fact), result.output);
    testing::mock_options unbinding;
    unbinding.binds_tokens = false;
    testing::mock_sts const other(unbinding);
    auto const bearer =
        doctor("--url " + other.url() + " --ca-file " + in.file("ca2.pem", other.ca_pem()) + scope +
               " --subject-token-file " + in.file("token2", other.id_token()) + " --dpop");
    BOOST_TEST(contains(bearer.output, "which is not bound to the key"), bearer.output);
    finds(url + ca + scope + subject + " --dpop-key " + in.file("weak.pem", ""), "request",
          "no PEM private key");
}

BOOST_AUTO_TEST_SUITE_END()
