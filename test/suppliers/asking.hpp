// Asking a supplier for a token as a client does.
#pragma once

#include "support/polling.hpp"
#include "support/print.hpp"
#include "support/service.hpp"

#include <equinix/sts/suppliers.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>

#include <thread>

namespace test {

namespace suppliers = sts::suppliers;

inline std::chrono::steady_clock::time_point after(std::chrono::nanoseconds time) {
    return std::chrono::steady_clock::now() + time;
}

/// A question under way, that can be cancelled and looked at.
class asked {
public:
    asked(asio::io_context& context, suppliers::supplier_ptr supplier,
          std::chrono::steady_clock::time_point deadline = after(patience))
        : context_(context), strand_(asio::make_strand(context)) {
        asio::co_spawn(
            strand_, ask(std::move(supplier), sts::supply_context(strand_, deadline), state_),
            asio::bind_cancellation_slot(signal_->slot(), [state = state_](std::exception_ptr thrown) {
                state->thrown = thrown;
                state->done = true;
            }));
    }

    void cancel() {
        asio::post(strand_, [signal = signal_] { signal->emit(asio::cancellation_type::terminal); });
    }
    bool done() const { return state_->done; }
    bool supplied() const { return state_->token.has_value(); }

    /// The token's text; fails the test where there is none.
    std::string token() {
        run_until(context_, [this] { return done(); });
        if (state_->thrown) std::rethrow_exception(state_->thrown);
        return std::string(state_->token->token().reveal());
    }
    std::string type() const { return state_->token->type(); }

    /// The error of the library that it must end with.
    sts::error_info failure() {
        run_until(context_, [this] { return done(); });
        BOOST_REQUIRE_MESSAGE(state_->thrown, "there was a token");
        try {
            std::rethrow_exception(state_->thrown);
        } catch (sts::error const& error) {
            BOOST_TEST(error.info().phase == sts::phase::supplier);
            return error.info();
        }
    }

    /// Whether it ended as a cancelled coroutine does.
    bool canceled() {
        run_until(context_, [this] { return done(); });
        if (!state_->thrown) return false;
        try {
            std::rethrow_exception(state_->thrown);
        } catch (boost::system::system_error const& error) {
            return error.code() == asio::error::operation_aborted;
        }
    }

private:
    struct state {
        bool done = false;
        std::exception_ptr thrown;
        std::optional<sts::subject_token> token;
    };

    static asio::awaitable<void> ask(suppliers::supplier_ptr supplier, sts::supply_context with,
                                     std::shared_ptr<state> out) {
        auto token = co_await supplier->supply(std::move(with));
        out->token.emplace(std::move(token));
    }

    asio::io_context& context_;
    asio::strand<asio::io_context::executor_type> strand_;
    std::shared_ptr<asio::cancellation_signal> signal_ = std::make_shared<asio::cancellation_signal>();
    std::shared_ptr<state> state_ = std::make_shared<state>();
};

/// Runs the context on two threads until nothing is left to do.
inline void run_on_two_threads(asio::io_context& context) {
    std::thread other([&] { context.run(); });
    context.run();
    other.join();
}

/// The token that a supplier has; fails the test where there is none.
inline std::string token_of(suppliers::supplier_ptr const& supplier) {
    asio::io_context context;
    return asked(context, supplier).token();
}

/// The text of the `config` error that a supplier must end with.
inline std::string refusal_of(suppliers::supplier_ptr const& supplier) {
    asio::io_context context;
    auto const info = asked(context, supplier).failure();
    BOOST_TEST(info.kind == sts::error_kind::config);
    return info.message;
}

} // namespace test
