// The command sts-token: proxies, client certificates, retries, and signals.
#include "support/descriptors.hpp"
#include "support/refused.hpp"
#include "testing/certificates.hpp"
#include "tool/running_command.hpp"
#include "tool/sts_token_fixture.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>

#include <fcntl.h>

#include <csignal>
#include <fstream>
#include <sstream>

using namespace test;
using namespace std::chrono_literals;
namespace json = boost::json;
namespace testing = equinix::sts::testing;
namespace asio = boost::asio;

namespace {

struct fixture {
    testing::mock_sts mock;
    folder in;
    std::string const output = (in.path() / "output").string();
    std::vector<std::string> const words = {"--url",
                                            mock.url(),
                                            "--ca-file",
                                            in.file("ca.pem", mock.ca_pem()),
                                            "--scope",
                                            "s",
                                            "--subject-token-file",
                                            in.file("id_token", mock.id_token())};

    ran sts_token(std::string const& more) const {
        auto line = std::string(STS_TOKEN);
        for (auto const& word : words)
            line += " " + word;
        return shell(line + " " + more + " 2>&1");
    }
    json::object error_of(ran const& result) const {
        BOOST_REQUIRE_MESSAGE(result.exit_code >= code_of(error_kind::config), result.output);
        return json::parse(result.output).as_object().at("error").as_object();
    }
    std::vector<std::string> with(std::vector<std::string> const& more) const {
        auto all = words;
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sts_token_connection, fixture)

BOOST_AUTO_TEST_CASE(retries_by_default_and_as_often_as_told) {
    for (int i = 0; i < 3; ++i)
        mock.next(testing::mock_answer::error(409, "conflict"));
    BOOST_TEST(sts_token("").exit_code == 0);
    BOOST_TEST(mock.requests() == 4U);
    mock.always(testing::mock_answer::error(503, ""));
    auto const error = error_of(sts_token("--max-attempts 2"));
    BOOST_TEST(error.at("kind").as_string() == "unavailable");
    BOOST_TEST(error.at("attempts").as_int64() == 2);
    BOOST_TEST(mock.requests() == 6U);
}

BOOST_AUTO_TEST_CASE(speaks_the_protocol_that_it_is_told) {
    testing::mock_options how;
    how.http2 = true;
    testing::mock_sts const both(how);
    auto const other = "--url " + both.url() + " --ca-file " + in.file("both.pem", both.ca_pem()) +
                       " --subject-token-file " + in.file("other_token", both.id_token());
    auto const asked = [&](std::string const& version) {
        return shell(STS_TOKEN " --scope s " + other + " --http " + version + " 2>&1");
    };
    auto const spoken = [&](std::string const& version) {
        auto const result = asked(version);
        BOOST_TEST(result.exit_code == 0, result.output);
        auto const line = both.raw_requests().back();
        return line.substr(0, line.find('\r'));
    };
    BOOST_TEST(spoken("1.1") == "POST /use/token HTTP/1.1");
#ifdef EQUINIX_STS_HAS_HTTP2
    BOOST_TEST(spoken("2") == "POST /use/token HTTP/2");
    BOOST_TEST(spoken("auto") == "POST /use/token HTTP/2");
#else
    BOOST_TEST(spoken("auto") == "POST /use/token HTTP/1.1");
    BOOST_TEST(error_of(asked("2")).at("option").as_string() == "--http");
#endif
    BOOST_TEST(asked("3").exit_code == 2);
}

BOOST_AUTO_TEST_CASE(bounds_connecting) {
    asio::io_context context;
    asio::ip::tcp::acceptor const silent(context, {asio::ip::address_v4::loopback(), 0});
    auto const error =
        error_of(sts_token("--url https://localhost:" + std::to_string(silent.local_endpoint().port()) +
                           "/ --connect-timeout-ms 50 --max-attempts 1"));
    BOOST_TEST(error.at("kind").as_string() == "timeout");
    BOOST_TEST(error.at("phase").as_string() == "tls");
}

BOOST_AUTO_TEST_CASE(bounds_an_attempt) {
    mock.always(testing::mock_answer::genuine().hold());
    auto const error = error_of(sts_token("--attempt-timeout-ms 50 --max-attempts 1"));
    BOOST_TEST(error.at("phase").as_string() == "read");
    BOOST_TEST(contains(std::string(error.at("message").as_string()),
                        "did not finish within 50 ms (--attempt-timeout-ms): is the service slow"));
    BOOST_TEST(error.at("url").as_string() == mock.url());
    mock.release();
}

BOOST_AUTO_TEST_CASE(goes_through_the_proxy_that_it_is_given) {
    std::uint16_t closed = 0;
    {
        asio::io_context context;
        asio::ip::tcp::acceptor const gone(context, {asio::ip::address_v4::loopback(), 0});
        closed = gone.local_endpoint().port();
    }
    auto const proxy = "--proxy http://user:canary@127.0.0.1:" + std::to_string(closed);
    auto const refused = sts_token(proxy + " --max-attempts 1 --verbose");
    BOOST_TEST(refused.exit_code == code_of(error_kind::connect));
    BOOST_TEST(contains(refused.output, "the proxy"), refused.output);
    BOOST_TEST(!contains(refused.output, "canary"), refused.output);
    BOOST_TEST(mock.connections() == 0U);
    auto const malformed = sts_token("--proxy http://user:canary@127.0.0.1/path");
    BOOST_TEST(malformed.exit_code == code_of(error_kind::config));
    BOOST_TEST(contains(malformed.output, "--proxy has a path"), malformed.output);
    BOOST_TEST(!contains(malformed.output, "canary"));
    BOOST_TEST(sts_token("--proxy ''").exit_code == 2);
}

BOOST_AUTO_TEST_CASE(K3_I2_a_proxys_password_is_overwritten_on_the_command_line) {
    asio::io_context context;
    asio::ip::tcp::acceptor listening(context, {asio::ip::address_v4::loopback(), 0});
    auto const address = "@127.0.0.1:" + std::to_string(listening.local_endpoint().port());
    std::vector<std::string> const forms[] = {{"--proxy", "http://user:canary" + address},
                                              {"--proxy=http://user:canary" + address}};
    for (auto const& form : forms) {
        running command(with(form), output);
        auto const peer = listening.accept(); // it is connecting, so its arguments were read
        auto const line = content("/proc/" + std::to_string(command.id()) + "/cmdline");
        BOOST_TEST(contains(line, "--proxy"));
        BOOST_TEST(contains(line, address), line);
        BOOST_TEST(!contains(line, "canary"), line);
    }
}

BOOST_AUTO_TEST_CASE(shows_a_client_certificate_from_its_files) {
    auto const missing = sts_token("--client-cert /does/not/exist --client-key /does/not/exist");
    BOOST_TEST(contains(std::string(error_of(missing).at("message").as_string()), "--client-cert"));
    BOOST_TEST(sts_token("--client-key x").exit_code == 2);
}

BOOST_AUTO_TEST_CASE(C21_the_certificates_file_may_have_the_key) {
    auto const identity = testing::make_server_identity({"client.test"});
    auto const both = in.file("both.pem", identity.key_pem + identity.certificate_pem);
    BOOST_TEST(sts_token("--client-cert " + both).exit_code == 0);
    auto const alone = in.file("alone.pem", identity.certificate_pem);
    auto const message = std::string(error_of(sts_token("--client-cert " + alone)).at("message").as_string());
    BOOST_TEST(contains(message, "--client-cert: '" + alone + "' contains no PEM private key"), message);
    BOOST_TEST(contains(message, "set --client-key"), message);
}

BOOST_AUTO_TEST_CASE(C14_the_passphrase_of_a_key_comes_from_a_file) {
    auto const shown = testing::issue(testing::server_spec({testing::dns("client.test")}));
    auto const options = "--client-cert " + in.file("cert.pem", shown.pem()) + " --client-key " +
                         in.file("key.pem", shown.key_pem("open sesame"));
    auto const passphrase = [&](std::string const& text) {
        return " --client-key-passphrase-file " + in.file("passphrase", text);
    };
    BOOST_TEST(sts_token(options + passphrase("open sesame\n")).exit_code == 0);
    auto const wrong = sts_token(options + passphrase("canary"));
    BOOST_TEST(contains(wrong.output, "--client-key-passphrase-file gives a wrong passphrase"), wrong.output);
    BOOST_TEST(!contains(wrong.output, "canary"));
    auto const none = sts_token(options);
    BOOST_TEST(none.exit_code == code_of(error_kind::config));
    BOOST_TEST(contains(none.output, "is encrypted: set --client-key-passphrase-file"), none.output);
    auto const missing = sts_token(options + " --client-key-passphrase-file /does/not/exist");
    BOOST_TEST(contains(missing.output, "--client-key-passphrase-file: '/does/not/exist' cannot be read"),
               missing.output);
    BOOST_TEST(sts_token("--client-key-passphrase-file x").exit_code == 2);
}

BOOST_AUTO_TEST_CASE(I8_I5_the_proxys_headers_come_from_a_file) {
    asio::io_context context;
    asio::ip::tcp::acceptor listening(context, {asio::ip::address_v4::loopback(), 0});
    auto const url = "http://127.0.0.1:" + std::to_string(listening.local_endpoint().port());
    auto const file = in.file("headers", "X-Team: payments\r\n\nX-Key:\tcanary \n");
    running command(with({"--proxy", url, "--proxy-header-file", file}), output);
    auto peer = listening.accept();
    std::string head;
    asio::read_until(peer, asio::dynamic_buffer(head), "\r\n\r\n");
    BOOST_TEST(contains(head, "\r\nX-Team: payments\r\nX-Key: canary\r\n\r\n"), head);
    asio::write(peer,
                asio::buffer(std::string("HTTP/1.1 407\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n")));
    command.wait();
    auto const told = content(output);
    BOOST_TEST(contains(told, R"(the proxy requires credentials (Basic, realm \"x\"))"), told);
    BOOST_TEST(!contains(told, "canary"));
}

BOOST_AUTO_TEST_CASE(I8_headers_that_cannot_be_sent_are_named_without_their_values) {
    for (std::string const text :
         {"canary\n", "X-Good: 1\ncanary", "Host: canary", "X A: canary", ": canary"}) {
        auto const refused =
            sts_token("--proxy http://127.0.0.1:1 --proxy-header-file " + in.file("headers", text));
        BOOST_TEST(refused.exit_code == code_of(error_kind::config));
        BOOST_TEST(contains(refused.output, "--proxy-header-file"), refused.output);
        BOOST_TEST(!contains(refused.output, "canary"), refused.output);
    }
    BOOST_TEST(sts_token("--proxy-header-file x").exit_code == 2);
}

BOOST_AUTO_TEST_CASE(F11_a_signal_ends_it_without_a_token) {
    mock.always(testing::mock_answer::genuine().hold());
    running command(words, output);
    BOOST_REQUIRE(mock.wait_for_requests(1));
    command.signal(SIGTERM);
    auto const status = command.wait();
    BOOST_TEST((WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM));
    BOOST_TEST(content(output) == "");
}

BOOST_AUTO_TEST_CASE(F4_a_process_that_was_stopped_past_its_deadline_times_out_without_a_burst) {
    mock.always(testing::mock_answer::error(503, "").hold());
    running command(with({"--timeout-ms", "300", "--parallel", "8", "--count", "8"}), output);
    BOOST_REQUIRE(mock.wait_for_requests(8));
    command.signal(SIGSTOP);
    mock.release();                                // the answers wait in its sockets
    BOOST_TEST(!mock.wait_for_requests(9, 600ms)); // while it is stopped its deadline passes
    command.signal(SIGCONT);
    auto const status = command.wait();
    BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) != 0)); // answers that were there may count
    BOOST_TEST(mock.requests() == 8U);
}

BOOST_AUTO_TEST_SUITE_END()
