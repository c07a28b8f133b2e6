// A flight that gets its token from a function of the user's, in place of an exchange.
#pragma once

#include "client/token_flight.hpp"

#include <equinix/sts/token_source.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string_view>

namespace equinix::sts::client_detail {

/// The coroutine runs on a strand of its own. When the time is up, the flight lands without it; the coroutine
/// then ends on its own.
class function_flight final : public token_flight {
public:
    function_flight(std::shared_ptr<token_desk> desk, token_entry& whose,
                    boost::asio::any_io_executor const& executor,
                    std::shared_ptr<token_function const> function);

    bool begin() noexcept override;
    void cancel() noexcept override;

private:
    boost::asio::awaitable<void> run(std::shared_ptr<function_flight> self);
    void watch_deadline();
    void stop(error_info const& why) noexcept;
    void end(std::optional<token> made, std::exception_ptr const& thrown) noexcept;
    std::shared_ptr<function_flight> self() {
        return std::static_pointer_cast<function_flight>(shared_from_this());
    }

    boost::asio::strand<boost::asio::any_io_executor> strand_;
    std::shared_ptr<token_function const> const function_; ///< one for all flights

    // Used on the strand only.
    boost::asio::steady_timer timer_;
    boost::asio::cancellation_signal signal_;
    std::string_view wrong_; ///< with its token
    bool asking_ = false;
    bool over_ = false; ///< it has landed
};

/// Completes a token that a user's program has made: its type, if it has none, and its times, counted from
/// `asked`. Returns what is wrong with it, as in "is empty"; otherwise an empty text.
std::string_view complete(token& made, time_stamp asked);

} // namespace equinix::sts::client_detail
