// Waiting for a token of a source or cache in a test.
#pragma once

#include "support/service.hpp"

#include <boost/asio/steady_timer.hpp>

namespace test {

using token_ptr = std::shared_ptr<sts::token const>;
using token_outcome = sts::result<token_ptr>;

/// The same token for everybody, that lives for so many seconds.
inline sts::testing::mock_answer canned(int lifetime) {
    return sts::testing::mock_answer::with(
        200, R"({"access_token":"abc","token_type":"Bearer","issued_token_type":)"
             R"("urn:ietf:params:oauth:token-type:access_token","expires_in":)" +
                 std::to_string(lifetime) + "}");
}

/// A wait under way, that can be cancelled and looked at. `make` gives what is awaited.
class waiting {
public:
    template <class Make>
    waiting(asio::io_context& context, Make make) : context_(context) {
        asio::co_spawn(context, run(make(), outcome_),
                       asio::bind_cancellation_slot(signal_->slot(), [this](std::exception_ptr thrown) {
                           thrown_ = thrown;
                           ended_ = true;
                       }));
    }
    waiting(waiting const&) = delete;
    waiting& operator=(waiting const&) = delete;

    void cancel(asio::cancellation_type type = asio::cancellation_type::terminal) {
        asio::post(context_, [signal = signal_, type] { signal->emit(type); });
    }
    bool done() const { return ended_; }

    token_outcome& wait() {
        run_until(context_, [this] { return done(); });
        if (thrown_) std::rethrow_exception(thrown_);
        return *outcome_;
    }

    /// Ended by its cancellation.
    bool canceled() {
        run_until(context_, [this] { return done(); });
        return thrown_ || (outcome_->has_error() && outcome_->error().kind == sts::error_kind::canceled);
    }

private:
    static asio::awaitable<void> run(asio::awaitable<token_outcome> wait, std::optional<token_outcome>& out) {
        co_await asio::this_coro::throw_if_cancelled(false);
        auto result = co_await std::move(wait);
        out.emplace(std::move(result));
    }

    asio::io_context& context_;
    std::shared_ptr<asio::cancellation_signal> signal_ = std::make_shared<asio::cancellation_signal>();
    std::optional<token_outcome> outcome_;
    std::exception_ptr thrown_;
    bool ended_ = false;
};

/// A service with a source in front of it.
struct sourced : service {
    using service::service;

    sts::token_source source() { return source(client(one_attempt()), request()); }
    sts::token_source source(sts::client const& client, sts::exchange_request request,
                             sts::refresh_options const& options = sts::refresh_options()) {
        return sts::token_source(client, std::move(request), options);
    }

    token_outcome get(sts::token_source const& from) {
        waiting one(context, [&] { return from.try_get(); });
        return std::move(one.wait());
    }
    token_ptr token_of(sts::token_source const& from) {
        auto got = get(from);
        BOOST_REQUIRE_MESSAGE(got.has_value(), (got.has_error() ? got.error().to_string() : ""));
        return *got;
    }
    sts::error_info failure_of(sts::token_source const& from) {
        auto got = get(from);
        BOOST_REQUIRE(got.has_error());
        return got.error();
    }

    /// Runs the context until the condition holds, of which no event of the context needs to tell.
    template <class Condition>
    void look_until(Condition holds) {
        asio::steady_timer timer(context);
        bool over = false;
        while (!holds()) {
            over = false;
            timer.expires_after(std::chrono::milliseconds(1));
            timer.async_wait([&](boost::system::error_code) { over = true; });
            run_until(context, [&] { return over; });
        }
    }
};

} // namespace test
