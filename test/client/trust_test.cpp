// What the client trusts and shows over its life: resumed sessions, reloaded files, verification switched
// off.
#include "support/process.hpp"
#include "support/refused.hpp"
#include "support/service.hpp"
#include "support/system_authorities.hpp"
#include "testing/certificates.hpp"

#include <equinix/sts/token_cache.hpp>
#include <equinix/sts/token_source.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <fstream>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::phase;
using sts::testing::make_server_identity;
using sts::testing::mock_answer;

namespace {

struct fixture : service {
    /// The token that a source or a cache gives.
    sts::secret token_from(asio::awaitable<std::shared_ptr<sts::token const>> asked) {
        std::shared_ptr<sts::token const> got;
        asio::co_spawn(context, std::move(asked),
                       [&](std::exception_ptr, std::shared_ptr<sts::token const> token) { got = token; });
        run_until(context, [&] { return got != nullptr; });
        return got->access_token;
    }
    /// Has the next exchange need a connection of its own.
    void exchange_and_close(sts::client const& on) {
        mock.next(mock_answer::genuine().close_after());
        BOOST_TEST(exchange(on).has_value());
    }
};

void write(std::string const& path, std::string const& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

/// A client shows the certificate in a file, which also has its key.
struct with_certificate : fixture {
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

BOOST_FIXTURE_TEST_SUITE(trust, fixture)

BOOST_AUTO_TEST_CASE(C9_a_new_connection_resumes_the_session) {
    auto const sts_client = client();
    exchange_and_close(sts_client);
    for (int i = 0; i < 5; ++i)
        exchange_and_close(sts_client);
    auto const stats = sts_client.stats();
    BOOST_TEST(stats.handshakes_full == 1U);
    BOOST_TEST(stats.handshakes_resumed == 5U);
}

BOOST_AUTO_TEST_CASE(C9_E11_no_session_is_shared_between_clients) {
    auto const one = client();
    exchange_and_close(one);
    auto const other = client();
    BOOST_TEST(exchange(other).has_value());
    BOOST_TEST(other.stats().handshakes_resumed == 0U);
    BOOST_TEST(other.stats().handshakes_full == 1U);
}

BOOST_AUTO_TEST_CASE(C9_a_session_that_the_server_has_forgotten_is_a_full_handshake) {
    auto const identity = make_server_identity({"localhost", "127.0.0.1", "::1"});
    sts::testing::mock_options setup;
    setup.certificate_pem = identity.certificate_pem;
    setup.key_pem = identity.key_pem;
    std::optional<sts::testing::mock_sts> first(std::in_place, setup);
    setup.port = first->port();
    auto options = this->options();
    options.endpoint = sts::endpoint(first->url());
    options.tls.ca_pem = identity.ca_pem;
    auto const sts_client = client(options);
    BOOST_TEST(failure(sts_client).kind == error_kind::oauth); // this mock knows no other's ID tokens
    first.reset();
    sts::testing::mock_sts const second(setup);
    BOOST_TEST(failure(sts_client).kind == error_kind::oauth);
    BOOST_TEST(sts_client.stats().handshakes_full == 2U);
}

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

BOOST_AUTO_TEST_CASE(B24_the_authority_that_issued_the_certificate_needs_no_root) {
    using namespace sts::testing;
    auto const root = issue(authority_spec("a root"));
    auto const issuer = issue(authority_spec("an intermediate"), root);
    auto const shown = issue(server_spec({dns("localhost")}), issuer);
    mock_options setup;
    setup.certificate_pem = shown.pem() + issuer.pem();
    setup.key_pem = shown.key_pem();
    mock_sts const there(setup);
    auto options = this->options();
    options.endpoint = sts::endpoint(there.url());
    options.tls.ca_pem = issuer.pem();
    auto const token = sts::exchange_request(sts::subject_token(there.id_token())).scope(sts::scope("s"));
    BOOST_TEST(exchange(client(options), token).has_value());
    options.tls.ca_pem = shown.pem();
    BOOST_TEST(failure(client(options), token).kind == error_kind::tls);
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

BOOST_AUTO_TEST_CASE(B22_verification_is_switched_off_only_by_the_insecure_option_and_told) {
    auto options = this->options();
    options.tls.ca_pem = make_server_identity({"other.test"}).ca_pem;
    BOOST_TEST(failure(client(options)).kind == error_kind::tls);
    BOOST_TEST(!client(options).stats().insecure);
    options.tls.insecure_skip_verification = true;
    auto const blind = client(options);
    BOOST_TEST(exchange(blind).has_value());
    BOOST_TEST(blind.stats().insecure);
}

BOOST_AUTO_TEST_CASE(client_certificate_files_that_cannot_be_used_are_refused_when_the_client_is_made) {
    auto options = this->options();
    options.tls.client_certificate_file = "/does/not/exist";
    options.tls.client_key_file = "/does/not/exist/either";
    BOOST_TEST(contains(refusal([&] { client(options); }), "client_options::tls.client_certificate_file"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(warm_up, fixture)

namespace {

std::exception_ptr wait(fixture& on, sts::client const& sts_client, std::size_t connections) {
    std::exception_ptr failed;
    bool done = false;
    asio::co_spawn(on.context, sts_client.warm_up(connections), [&](std::exception_ptr thrown) {
        failed = thrown;
        done = true;
    });
    run_until(on.context, [&] { return done; });
    return failed;
}

sts::error_info told(std::exception_ptr const& failed) {
    try {
        if (failed) std::rethrow_exception(failed);
    } catch (sts::error const& error) {
        return error.info();
    }
    BOOST_REQUIRE_MESSAGE(false, "nothing was thrown");
    return {};
}

} // namespace

BOOST_AUTO_TEST_CASE(opens_connections_that_the_first_exchanges_then_use) {
    auto const sts_client = client();
    BOOST_TEST(!wait(*this, sts_client, 5));
    BOOST_TEST(sts_client.stats().idle == 5U);
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(mock.handshakes() == 5U);
    BOOST_TEST(!wait(*this, sts_client, 3)); // are there already
    BOOST_TEST(mock.handshakes() == 5U);
    BOOST_TEST(!wait(*this, sts_client, 0));
}

BOOST_AUTO_TEST_CASE(opens_no_more_than_the_limit) {
    auto limited = options();
    limited.pool.max_connections = 2;
    auto const sts_client = client(limited);
    BOOST_TEST(!wait(*this, sts_client, 100));
    BOOST_TEST(sts_client.stats().open == 2U);
}

BOOST_AUTO_TEST_CASE(tells_why_it_cannot) {
    auto options = this->options();
    {
        sts::testing::mock_sts const gone;
        options.endpoint = sts::endpoint(gone.url());
    }
    auto const sts_client = client(options);
    BOOST_TEST(told(wait(*this, sts_client, 20)).kind == error_kind::connect);
    BOOST_TEST(sts_client.stats().opening == 0U);
}

BOOST_AUTO_TEST_CASE(ends_with_the_client_and_with_its_caller) {
    asio::ip::tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
    auto options = this->options();
    options.endpoint =
        sts::endpoint("https://localhost:" + std::to_string(silent.local_endpoint().port()) + "/");
    for (bool const by_closing : {false, true}) {
        auto const sts_client = client(options);
        asio::cancellation_signal signal;
        std::exception_ptr failed;
        bool done = false;
        asio::co_spawn(context, sts_client.warm_up(2),
                       asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr thrown) {
                           failed = thrown;
                           done = true;
                       }));
        run_until(context, [&] { return sts_client.stats().opening == 2; });
        if (by_closing)
            sts_client.close();
        else
            asio::post(context, [&] { signal.emit(asio::cancellation_type::terminal); });
        run_until(context, [&] { return done; });
        BOOST_TEST(told(failed).kind == error_kind::canceled);
        sts_client.close();
    }
}

BOOST_AUTO_TEST_CASE(S10_a_cold_start_of_a_thousand_takes_at_most_the_connections_allowed) {
    auto const sts_client = client();
    std::vector<std::unique_ptr<started>> all;
    for (int i = 0; i < 1000; ++i)
        all.push_back(std::make_unique<started>(context, sts_client, request()));
    for (auto const& one : all)
        BOOST_TEST(one->wait().has_value());
    BOOST_TEST(mock.handshakes() <= 64U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(statistics, fixture)

BOOST_AUTO_TEST_CASE(tell_what_the_client_does_and_did) {
    auto limited = options();
    limited.pool.max_connections = 1;
    limited.retry.base_delay = 1ns;
    auto const sts_client = client(limited);
    auto const fresh = sts_client.stats();
    BOOST_TEST(fresh.open + fresh.idle + fresh.leased + fresh.opening + fresh.waiting == 0U);
    BOOST_TEST(fresh.retry_budget == 500U);

    mock.next(mock_answer::genuine().hold());
    started first(context, sts_client, request());
    run_until(context, [&] { return mock.requests() == 1; });
    started second(context, sts_client, request());
    context.poll();
    auto const busy = sts_client.stats();
    BOOST_TEST(busy.leased == 1U);
    BOOST_TEST(busy.waiting == 1U);
    mock.release();
    BOOST_TEST(first.wait().has_value());
    BOOST_TEST(second.wait().has_value());

    mock.next(mock_answer::error(503, ""));
    BOOST_TEST(exchange(sts_client).has_value());
    mock.next(mock_answer::error(400, "invalid_scope"));
    BOOST_TEST(failure(sts_client).kind == error_kind::oauth);
    auto const after = sts_client.stats();
    BOOST_TEST(after.idle == 1U);
    BOOST_TEST(after.open == 1U);
    BOOST_TEST(after.waiting == 0U);
    BOOST_TEST(after.succeeded == 3U);
    BOOST_TEST(after.retries == 1U);
    BOOST_TEST(after.failed(error_kind::oauth) == 1U);
    BOOST_TEST(after.failed() == 1U);
    BOOST_TEST(after.handshakes_full + after.handshakes_resumed == 2U); // one anew after the 503
    BOOST_TEST(after.reused == 3U);
    BOOST_TEST(after.bytes_sent > 3000U);
    BOOST_TEST(after.bytes_received > 2000U);
    BOOST_TEST(contains(after.last_address, ":" + std::to_string(mock.port())));
}

BOOST_AUTO_TEST_CASE(count_nothing_that_is_left_after_closing) {
    auto const sts_client = client();
    started one(context, sts_client, request());
    run_until(context, [&] { return sts_client.stats().opening == 1; });
    sts_client.close();
    BOOST_TEST(one.wait().error().kind == error_kind::canceled);
    auto const after = sts_client.stats();
    BOOST_TEST(after.open + after.opening + after.waiting + after.pausing == 0U);
    BOOST_TEST(after.failed(error_kind::canceled) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
