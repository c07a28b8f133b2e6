#include "client/function_flight.hpp"

#include "base/failure.hpp"
#include "base/secret_text.hpp"
#include "client/clocks.hpp"
#include "client/token_desk.hpp"
#include "core/bounds.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace equinix::sts::client_detail {
namespace {

namespace asio = boost::asio;

error_info failure_of(std::exception_ptr const& thrown) noexcept try {
    std::rethrow_exception(thrown);
} catch (error const& known) {
    return base::copy_of(known.info());
} catch (std::bad_alloc const&) {
    return base::without_memory(phase::none);
} catch (boost::system::system_error const& failed) { // of Asio, most likely
    return base::failure(error_kind::network, phase::none, "the function of the token source failed",
                         failed.code());
} catch (...) {
    return base::failure(
        error_kind::config, phase::none,
        "the function of the token source threw an exception that is not an sts::error; its text "
        "is not shown because it may contain a secret");
}

} // namespace

std::string_view complete(token& made, time_stamp asked) {
    auto const wrong = base::fault_of_token(made.access_token.reveal());
    if (!wrong.empty()) return wrong;
    if (made.token_type.empty()) {
        auto const text = made.access_token;
        made.token_type = "Bearer";
        made.set_access_token(text.reveal());
    }
    bool const has_times = made.requested.steady != time_stamp{}.steady;
    if (!has_times) {
        made.requested = asked;
        made.received = now_on_both_clocks();
    }
    constexpr std::chrono::seconds longest = std::chrono::hours(24) * 365 * 100; // as of an answer's token
    if (made.expires_in) made.expires_in = std::clamp(*made.expires_in, std::chrono::seconds(0), longest);
    if (made.expires_in && !made.expires)
        made.expires =
            time_stamp{made.requested.steady + *made.expires_in, made.requested.system + *made.expires_in};
    return {};
}

function_flight::function_flight(std::shared_ptr<token_desk> desk, token_entry& whose,
                                 asio::any_io_executor const& executor,
                                 std::shared_ptr<token_function const> function)
    : token_flight(std::move(desk), nullptr, whose), strand_(asio::make_strand(executor)),
      function_(std::move(function)), timer_(strand_) {}

bool function_flight::begin() noexcept try {
    asio::co_spawn(
        strand_, run(self()),
        asio::bind_cancellation_slot(signal_.slot(), [self = self()](std::exception_ptr const&) {}));
    return true;
} catch (std::exception const&) {
    failure = base::without_memory(phase::none);
    return false;
}

void function_flight::cancel() noexcept try {
    asio::post(strand_, [self = self()] {
        self->stop(base::failure(error_kind::canceled, phase::none, "no caller waits any longer"));
    });
} catch (std::exception const&) {
    return; // memory ran out: it continues until its deadline
}

asio::awaitable<void> function_flight::run([[maybe_unused]] std::shared_ptr<function_flight> self) {
    BOOST_ASSERT(self.get() == this); // which the frame keeps
    if (over_) co_return;
    auto const asked = now_on_both_clocks();
    std::optional<token> made;
    std::exception_ptr thrown;
    asking_ = true;
    try {
        watch_deadline();
        auto answer = co_await (*function_)();
        wrong_ = complete(answer, asked);
        made = std::move(answer);
    } catch (...) {
        thrown = std::current_exception();
    }
    asking_ = false;
    timer_.cancel();
    end(std::move(made), thrown);
}

void function_flight::watch_deadline() {
    timer_.expires_at(deadline);
    auto const limit = deadline - base::clock::now();
    timer_.async_wait(
        [weak = std::weak_ptr<function_flight>(self()), limit](boost::system::error_code canceled) {
            auto const one = weak.lock();
            if (one && !canceled) one->stop(core::wait_is_over(limit));
        });
}

/// Lands without the coroutine. Asio 1.81: a coroutine that is cancelled before its first step throws out of
/// `run()`.
void function_flight::stop(error_info const& why) noexcept {
    if (over_) return;
    over_ = true;
    if (asking_) signal_.emit(asio::cancellation_type::terminal);
    failure = base::copy_of(why);
    land();
}

void function_flight::end(std::optional<token> made, std::exception_ptr const& thrown) noexcept {
    if (over_) return;
    over_ = true;
    auto const refuse = [&](std::string_view why) {
        failure = base::failure(error_kind::malformed, phase::none, "the function returned a token that ");
        base::append_to(failure->message, why);
    };
    if (!made)
        failure = failure_of(thrown);
    else if (!wrong_.empty())
        refuse(wrong_);
    else if (made->expires && made->expires->steady <= base::clock::now())
        refuse("has expired");
    else
        got = std::move(made);
    land();
}

} // namespace equinix::sts::client_detail
