// A mock service, a context and what it takes to await on them in a test.
#pragma once

#include "support/print.hpp"

#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace test {

namespace asio = boost::asio;
namespace sts = equinix::sts;
using outcome = sts::result<sts::token>;

/// How long a test waits for what must happen: a guard against hanging, never a measure.
inline constexpr auto patience = std::chrono::seconds(60);

/// Runs the context until the condition holds.
template <class Condition>
void run_until(asio::io_context& context, Condition holds) {
    context.restart();
    while (!holds())
        BOOST_REQUIRE_MESSAGE(context.run_one_for(patience) != 0, "nothing happens any more");
}

/// An exchange under way, that can be cancelled and looked at.
class started {
public:
    started(asio::io_context& context, sts::client client, sts::exchange_request request)
        : context_(context) {
        asio::co_spawn(context, run(std::move(client), std::move(request), outcome_),
                       asio::bind_cancellation_slot(signal_->slot(),
                                                    [this](std::exception_ptr thrown) { thrown_ = thrown; }));
    }
    started(started const&) = delete;
    started& operator=(started const&) = delete;

    /// From within the context, as Asio asks for: 1.81's co_spawn posts a bare pointer to what it cancels
    /// when it is told from outside.
    void cancel(asio::cancellation_type type = asio::cancellation_type::terminal) {
        asio::post(context_, [signal = signal_, type] { signal->emit(type); });
    }
    bool done() const { return outcome_.has_value() || thrown_; }

    outcome& wait() {
        run_until(context_, [this] { return done(); });
        if (thrown_) std::rethrow_exception(thrown_);
        return *outcome_;
    }

    /// Whether it ended by its cancellation: told by the exchange, or by Asio before that was begun.
    bool canceled() {
        run_until(context_, [this] { return done(); });
        return thrown_ || (outcome_->has_error() && outcome_->error().kind == sts::error_kind::canceled);
    }

private:
    static asio::awaitable<void> run(sts::client client, sts::exchange_request request,
                                     std::optional<outcome>& out) {
        co_await asio::this_coro::throw_if_cancelled(false);
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        auto result = co_await client.try_exchange(std::move(request));
        out.emplace(std::move(result));
    }

    asio::io_context& context_;
    std::shared_ptr<asio::cancellation_signal> signal_ = std::make_shared<asio::cancellation_signal>();
    std::optional<outcome> outcome_;
    std::exception_ptr thrown_;
};

/// Whether the mocks of the tests speak HTTP/2: if the environment's EQUINIX_STS_TEST_HTTP is `http2`.
inline bool speaks_http2() {
    auto const* const named = std::getenv("EQUINIX_STS_TEST_HTTP"); // NOLINT(concurrency-mt-unsafe)
    return named != nullptr && std::string_view(named) == "http2";
}
inline sts::testing::mock_options in_that_protocol(sts::testing::mock_options setup) {
    setup.http2 = setup.http2 || speaks_http2();
    return setup;
}

/// One mock, one context of one thread.
struct service {
    explicit service(sts::testing::mock_options const& setup = sts::testing::mock_options())
        : mock(in_that_protocol(setup)) {}

    sts::client_options options() const {
        sts::client_options made;
        made.endpoint = sts::endpoint(mock.url());
        made.tls.ca_pem = mock.ca_pem();
        return made;
    }
    /// For another mock that shows the same certificate.
    sts::testing::mock_options same_certificate() const {
        sts::testing::mock_options made;
        made.certificate_pem = mock.certificate_pem();
        made.key_pem = mock.key_pem();
        return made;
    }
    sts::client_options one_attempt() const {
        auto made = options();
        made.retry.max_attempts = 1;
        return made;
    }
    /// Attempts follow one another at once.
    sts::client_options hasty() const {
        auto made = options();
        made.retry.base_delay = std::chrono::nanoseconds(1);
        return made;
    }
    sts::client client() { return client(options()); }
    sts::client client(sts::client_options const& with) { return sts::client(context.get_executor(), with); }

    sts::exchange_request request(sts::testing::id_token_claims const& claims = {}) const {
        return sts::exchange_request(sts::subject_token(mock.id_token(claims)))
            .scope(sts::scope::role_assignments("1"));
    }

    outcome exchange(sts::client const& client, sts::exchange_request const& request) {
        started one(context, client, request);
        return std::move(one.wait());
    }
    outcome exchange(sts::client const& client) { return exchange(client, request()); }
    /// Has the next exchange need a connection of its own.
    void exchange_and_close(sts::client const& client) {
        mock.next(sts::testing::mock_answer::genuine().close_after());
        BOOST_TEST(exchange(client).has_value());
    }

    /// The error that an exchange must end with.
    sts::error_info failure(sts::client const& client, sts::exchange_request const& request) {
        auto const ended = exchange(client, request);
        BOOST_REQUIRE(ended.has_error());
        return ended.error();
    }
    sts::error_info failure(sts::client const& client) { return failure(client, request()); }

    sts::testing::mock_sts mock;
    asio::io_context context;
};

} // namespace test
