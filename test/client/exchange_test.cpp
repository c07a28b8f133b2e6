// What an exchange gives, over real TLS with a service that checks everything.
#include "support/refused.hpp"
#include "support/service.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/strand.hpp>
#include <boost/json/parse.hpp>

#include <thread>

using namespace test;
using sts::error_kind;
using sts::phase;
using sts::testing::mock_answer;
using claims = sts::testing::id_token_claims;

namespace {

std::string claim(sts::testing::mock_sts const& mock, sts::token const& token, char const* name) {
    auto const text = mock.claims(token.access_token.reveal());
    BOOST_REQUIRE(text);
    return std::string(boost::json::parse(*text).at(name).as_string());
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(exchange, service)

BOOST_AUTO_TEST_CASE(gives_a_token_for_an_id_token_of_either_algorithm) {
    auto const sts_client = client();
    for (auto const algorithm :
         {sts::testing::signature_algorithm::es256, sts::testing::signature_algorithm::rs256}) {
        auto const got = exchange(sts_client, request(claims().algorithm(algorithm).subject("somebody")));
        BOOST_REQUIRE(got.has_value());
        BOOST_TEST(claim(mock, *got, "sub") == "somebody");
        BOOST_TEST(claim(mock, *got, "scope") == "roleassignments:1");
        BOOST_TEST(got->token_type == "Bearer");
        BOOST_TEST(got->issued_token_type == sts::token_types::access_token);
        BOOST_TEST((got->expires_in == std::chrono::hours(1)));
        BOOST_TEST((got->requested.steady <= got->received.steady));
        BOOST_TEST((got->expires->steady == got->requested.steady + std::chrono::hours(1)));
    }
}

BOOST_AUTO_TEST_CASE(throws_what_try_exchange_returns) {
    auto const sts_client = client();
    std::exception_ptr thrown;
    bool done = false;
    asio::co_spawn(context, sts_client.exchange(request(claims().audience("other"))),
                   [&](std::exception_ptr what, sts::token const&) {
                       thrown = what;
                       done = true;
                   });
    run_until(context, [&] { return done; });
    BOOST_REQUIRE(thrown);
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(thrown), sts::error, [](sts::error const& error) {
        return error.kind() == error_kind::oauth && error.info().oauth_error == "invalid_request";
    });
}

BOOST_AUTO_TEST_CASE(H22_E5_G5_reports_the_services_refusal_and_keeps_the_connection) {
    auto const sts_client = client();
    claims const bad[] = {claims().audience("other"),
                          claims().issuer("https://other"),
                          claims().lifetime(std::chrono::seconds(-1)),
                          claims().valid_in(std::chrono::hours(1)),
                          claims().key_id("unknown"),
                          claims().forged(),
                          claims().algorithm(sts::testing::signature_algorithm::rs256).forged()};
    for (auto const& one : bad) {
        auto const before = mock.requests();
        auto const info = failure(sts_client, request(one));
        BOOST_TEST(info.kind == error_kind::oauth);
        BOOST_TEST(info.phase == phase::oauth);
        BOOST_TEST(info.oauth_error == "invalid_request");
        BOOST_TEST(contains(info.oauth_error_description, "subject_token"));
        BOOST_TEST(info.http_status == 400U);
        BOOST_TEST(info.attempts == 1U);
        BOOST_TEST(info.request_sent);
        BOOST_TEST(mock.requests() == before + 1);
    }
    BOOST_TEST(mock.handshakes() == 1U);
}

BOOST_AUTO_TEST_CASE(works_by_address_as_by_name) {
    auto by_address = options();
    by_address.endpoint = sts::endpoint("https://127.0.0.1:" + std::to_string(mock.port()) + "/use/token");
    BOOST_TEST(exchange(client(by_address)).has_value());
}

BOOST_AUTO_TEST_CASE(resumes_the_caller_on_its_own_executor) {
    asio::io_context elsewhere;
    auto const sts_client = client();
    auto const work = asio::make_work_guard(context);
    std::thread runner([&] { context.run(); });
    std::optional<outcome> got;
    std::thread::id resumed_on;
    auto const run = [](sts::client one, sts::exchange_request request, std::optional<outcome>& out,
                        std::thread::id& on) -> asio::awaitable<void> {
        auto result = co_await one.try_exchange(request);
        out.emplace(std::move(result));
        on = std::this_thread::get_id();
    };
    asio::co_spawn(elsewhere, run(sts_client, request(), got, resumed_on), asio::detached);
    elsewhere.run(); // returns by itself: the exchange kept it running until it was done
    context.stop();
    runner.join();
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST(got->has_value());
    BOOST_TEST((resumed_on == std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(leaves_no_secret_in_an_error_however_it_is_spelled) {
    auto const sts_client = client();
    auto const token = mock.id_token();
    std::string const client_secret = "canary p&ss w/rd";
    std::string const on_the_wire = "canary+p%26ss+w%2Frd";
    std::string const in_basic = "aWQ6Y2FuYXJ5K3AlMjZzcyt3JTJGcmQ="; // base64 of "id:" and that
    mock.always(
        mock_answer::error(400, "invalid_request",
                           token + " and " + client_secret + " and " + on_the_wire + " and " + in_basic));
    auto const asked =
        sts::exchange_request(sts::subject_token(token))
            .authentication(sts::client_authentication::secret_basic("id", sts::secret(client_secret)));
    auto const info = failure(sts_client, asked);
    BOOST_TEST(contains(mock.raw_requests().back(), "Basic " + in_basic));
    BOOST_TEST(info.oauth_error_description == "[redacted] and [redacted] and [redacted] and [redacted]");
    BOOST_TEST(!contains(info.to_string(), token.substr(0, 20)));
}

BOOST_AUTO_TEST_CASE(a_request_that_was_moved_from_is_refused_unsent) {
    auto wanted = request();
    auto const kept = std::move(wanted);
    auto const sts_client = client();
    started one(context, sts_client, wanted); // NOLINT: what is in it is what matters
    auto const why = one.wait().error();
    context.restart();
    context.poll(); // Asio's last look at the signal of what ended without a wait
    BOOST_TEST(why.kind == error_kind::config);
    BOOST_TEST(why.message.find("moved from") != std::string::npos, why.message);
    sts::token_source const tokens(sts_client, wanted);
    std::exception_ptr thrown;
    asio::co_spawn(context, tokens.warm_up(), [&](std::exception_ptr failed) { thrown = failed; });
    run_until(context, [&] { return thrown != nullptr; });
    BOOST_CHECK_THROW(std::rethrow_exception(thrown), sts::error);
    BOOST_TEST(mock.requests() == 0U);
    BOOST_TEST(exchange(sts_client, kept).has_value());
}

asio::awaitable<void> look_around(sts::client client, sts::exchange_request request,
                                  asio::strand<asio::io_context::executor_type> strand,
                                  std::optional<bool>& inside) {
    auto const got = co_await client.try_exchange(request);
    BOOST_TEST(got.has_value());
    inside = strand.running_in_this_thread();
}

BOOST_AUTO_TEST_CASE(its_caller_does_not_go_on_inside_the_strand_of_the_client) {
    auto const strand = asio::make_strand(context.get_executor());
    sts::client const sts_client(strand, options());
    std::optional<bool> inside;
    asio::co_spawn(context, look_around(sts_client, request(), strand, inside), asio::detached);
    run_until(context, [&] { return inside.has_value(); });
    BOOST_TEST(!*inside);
}

BOOST_AUTO_TEST_SUITE_END()
