// Having a supplier fetch a token, and watching it.
#pragma once

#include "support/refused.hpp"
#include "support/service.hpp"

#include <equinix/sts/suppliers.hpp>

#include <boost/asio/strand.hpp>

#include <memory>
#include <optional>
#include <string>

namespace test {

/// A fetch under way, that can be cancelled and looked at.
class fetching {
public:
    fetching(asio::io_context& context, sts::suppliers::supplier_ptr const& from,
             std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::now() + patience)
        : context_(context), strand_(asio::make_strand(context)) {
        asio::co_spawn(strand_, run(from, sts::supply_context(strand_, deadline), state_),
                       asio::bind_cancellation_slot(signal_->slot(), [state = state_](std::exception_ptr e) {
                           state->thrown = e;
                           state->done = true;
                       }));
    }

    void cancel() {
        asio::post(strand_, [signal = signal_] { signal->emit(asio::cancellation_type::terminal); });
    }
    bool done() const { return state_->done; }
    void wait() {
        run_until(context_, [this] { return done(); });
    }

    /// The token that it must end with.
    sts::subject_token token() {
        wait();
        if (state_->thrown) std::rethrow_exception(state_->thrown);
        return *state_->token;
    }
    std::string text() { return std::string(token().token().reveal()); }

    /// The error that it must end with.
    sts::error_info failure() {
        wait();
        try {
            token();
        } catch (sts::error const& error) {
            return error.info();
        }
        BOOST_REQUIRE_MESSAGE(false, "there is a token");
        return {};
    }

    /// Whether it ended by its cancellation: told by the supplier, or by Asio before that was asked.
    bool canceled() {
        wait();
        try {
            token();
        } catch (sts::error const& error) {
            return error.kind() == sts::error_kind::canceled;
        } catch (boost::system::system_error const& error) {
            return error.code() == asio::error::operation_aborted;
        }
        return false;
    }

private:
    struct state {
        std::optional<sts::subject_token> token;
        std::exception_ptr thrown;
        bool done = false;
    };

    static asio::awaitable<void> run(sts::suppliers::supplier_ptr from, sts::supply_context with,
                                     std::shared_ptr<state> out) {
        auto token = co_await from->supply(with);
        out->token.emplace(std::move(token));
    }

    asio::io_context& context_;
    asio::strand<asio::io_context::executor_type> strand_;
    std::shared_ptr<asio::cancellation_signal> signal_ = std::make_shared<asio::cancellation_signal>();
    std::shared_ptr<state> state_ = std::make_shared<state>();
};

/// Options for a test: no waits, the mock's authority trusted.
inline sts::suppliers::http_options hasty_options() {
    sts::suppliers::http_options made;
    made.connection.retry.base_delay = std::chrono::nanoseconds(1);
    return made;
}

} // namespace test
