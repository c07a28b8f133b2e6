// What a client trusts and shows after reload_certificates().
#include "support/process.hpp"
#include "support/refused.hpp"
#include "support/service.hpp"
#include "support/system_authorities.hpp"
#include "testing/certificates.hpp"

#include <fstream>

using namespace test;
using sts::error_kind;
using sts::testing::make_server_identity;
using sts::testing::mock_answer;

namespace {

void write(std::string const& path, std::string const& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

/// A client shows the certificate in a file, which also has its key.
struct with_certificate : service {
    /// The token that a source or a cache gives.
    sts::secret token_from(asio::awaitable<std::shared_ptr<sts::token const>> asked) {
        std::shared_ptr<sts::token const> got;
        asio::co_spawn(context, std::move(asked),
                       [&](std::exception_ptr, std::shared_ptr<sts::token const> token) { got = token; });
        run_until(context, [&] { return got != nullptr; });
        return got->access_token;
    }
    sts::client showing() {
        auto made = options();
        made.tls.client_certificate_file = path;
        return client(made);
    }
    sts::testing::server_identity renew() const {
        auto renewed = make_server_identity({"client.test"});
        write(path, renewed.certificate_pem + renewed.key_pem);
        return renewed;
    }

    folder const in;
    sts::testing::server_identity const identity = make_server_identity({"client.test"});
    std::string const path = in.file("both.pem", identity.key_pem + identity.certificate_pem);
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(trust, service)

BOOST_AUTO_TEST_CASE(B21_reloaded_authorities_hold_for_new_connections_and_old_ones_are_given_up) {
    folder const in;
    auto const path = in.file("ca.pem", mock.ca_pem());
    auto options = this->options();
    options.tls.ca_pem.clear();
    options.tls.ca_file = path;
    auto const sts_client = client(options);
    exchange_and_close(sts_client);
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(sts_client.stats().idle == 1U);

    write(path, make_server_identity({"other.test"}).ca_pem);
    sts_client.reload_certificates();
    BOOST_TEST(sts_client.stats().idle == 0U);
    auto const refused = failure(sts_client); // neither the connection nor its session is used
    BOOST_TEST(refused.kind == error_kind::tls);
    BOOST_TEST(!refused.request_sent);

    write(path, mock.ca_pem());
    BOOST_TEST(failure(sts_client).kind == error_kind::tls); // not read before it is told to
    sts_client.reload_certificates();
    BOOST_TEST(exchange(sts_client).has_value());
}

BOOST_AUTO_TEST_CASE(B21_a_reload_that_fails_changes_nothing) {
    folder const in;
    auto const path = in.file("ca.pem", mock.ca_pem());
    auto options = this->options();
    options.tls.ca_pem.clear();
    options.tls.ca_file = path;
    auto const sts_client = client(options);
    BOOST_TEST(exchange(sts_client).has_value());
    write(path, "canary");
    auto const message = refusal([&] { sts_client.reload_certificates(); });
    BOOST_TEST(contains(message, path));
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 1U);
}

BOOST_AUTO_TEST_CASE(B21_B28_a_reload_reads_the_variables_anew_and_changes_nothing_where_they_lead_to_none) {
    folder const in;
    authority_variables const variables;
    variables.file(in.file("ca.pem", mock.ca_pem()));
    auto options = this->options();
    options.tls.ca_pem.clear();
    auto const sts_client = client(options);
    BOOST_TEST(exchange(sts_client).has_value());
    variables.file((in.path() / "missing").string());
    auto const message = refusal([&] { sts_client.reload_certificates(); });
    auto const also_refused = refusal([&] { client(options); });
    BOOST_TEST(message.starts_with("SSL_CERT_FILE: cannot read '"), message);
    BOOST_TEST(also_refused == message);
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.connections() == 1U);
}

BOOST_FIXTURE_TEST_CASE(B21_C21_a_reload_reads_certificate_and_key_from_one_file, with_certificate) {
    auto const sts_client = showing();
    auto const renewed = renew();
    sts_client.reload_certificates();
    write(path, renewed.certificate_pem + identity.key_pem);
    BOOST_TEST(contains(refusal([&] { sts_client.reload_certificates(); }), "does not belong"));
    BOOST_TEST(exchange(sts_client).has_value());
}

BOOST_FIXTURE_TEST_CASE(N14_another_client_certificate_makes_sources_and_caches_give_up_their_tokens,
                        with_certificate) {
    auto const sts_client = showing();
    auto const asked = request();
    sts::token_source const source(sts_client, asked);
    sts::token_cache const cache(sts_client);
    auto const token = [&] { return token_from(source.get()); };
    auto const cached = [&] { return token_from(cache.get(asked)); };
    auto const first = token(), first_cached = cached();
    sts_client.reload_certificates(); // the same
    BOOST_TEST((token().reveal() == first.reveal()));
    BOOST_TEST((cached().reveal() == first_cached.reveal()));
    renew();
    sts_client.reload_certificates();
    BOOST_TEST(source.peek() == nullptr);
    BOOST_TEST((token().reveal() != first.reveal()));
    BOOST_TEST((cached().reveal() != first_cached.reveal()));
    BOOST_TEST(mock.requests() == 4U);
}

BOOST_FIXTURE_TEST_CASE(N14_who_waits_while_the_certificate_is_replaced_gets_a_later_token,
                        with_certificate) {
    auto const sts_client = showing();
    sts::token_source const source(sts_client, request());
    mock.next(mock_answer::genuine().hold());
    std::optional<std::string> got;
    asio::co_spawn(context, source.get(), [&](std::exception_ptr, std::shared_ptr<sts::token const> token) {
        if (token) got = token->access_token.reveal();
    });
    run_until(context, [&] { return mock.requests() == 1; });
    renew();
    sts_client.reload_certificates();
    run_until(context, [&] { return got.has_value(); });
    BOOST_TEST(mock.requests() == 2U);
    mock.release();
}

BOOST_AUTO_TEST_CASE(B21_an_exchange_in_flight_ends_on_its_old_connection_which_is_not_kept) {
    auto const sts_client = client();
    mock.always(mock_answer::genuine().hold());
    started one(context, sts_client, request());
    run_until(context, [&] { return mock.requests() == 1; });
    sts_client.reload_certificates();
    mock.release();
    BOOST_TEST(one.wait().has_value());
    BOOST_TEST(sts_client.stats().open == 0U);
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(sts_client.stats().handshakes_resumed == 0U);
    BOOST_TEST(mock.connections() == 2U);
}

BOOST_AUTO_TEST_CASE(B21_reloading_at_each_step_costs_no_exchange) {
    bool finished = false;
    for (int step = 0; !finished; ++step) {
        BOOST_REQUIRE(step < 1000);
        auto const sts_client = client(one_attempt());
        started one(context, sts_client, request());
        context.restart();
        for (int i = 0; i < step && !one.done(); ++i)
            context.run_one_for(patience);
        finished = one.done();
        auto const opened = sts_client.stats().handshakes_full;
        sts_client.reload_certificates();
        BOOST_TEST(one.wait().has_value(), step);
        // What was not open yet then, or was not in use, serves nobody afterwards.
        BOOST_TEST(sts_client.stats().open == (opened == 0 ? 1U : 0U), step);
        sts_client.close();
    }
}

BOOST_AUTO_TEST_SUITE_END()
