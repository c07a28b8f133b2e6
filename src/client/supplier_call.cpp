#include "client/supplier_call.hpp"

#include "base/failure.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <optional>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

void supplier_call::begin(std::shared_ptr<asker> for_whom) {
    asio::co_spawn(strand_, ask(std::move(for_whom)),
                   asio::bind_cancellation_slot(signal_.slot(),
                                                [self = shared_from_this()](std::exception_ptr const&) {}));
}

void supplier_call::cancel() noexcept {
    try {
        asio::post(strand_, [self = shared_from_this()] {
            self->canceled_ = true;
            // Asio 1.81: a coroutine that is cancelled before its first step throws out of `run()`.
            if (self->asking_) self->signal_.emit(asio::cancellation_type::terminal);
        });
    } catch (std::exception const&) {
        return; // memory ran out: it continues until it ends by itself
    }
}

asio::awaitable<void> supplier_call::ask(std::shared_ptr<asker> for_whom) {
    auto const self = shared_from_this();
    if (canceled_) co_return;
    asking_ = true;
    std::optional<subject_token> got;
    std::exception_ptr thrown;
    try {
        auto answer = co_await supplier_->supply(context_);
        got = std::move(answer);
    } catch (...) {
        thrown = std::current_exception();
    }
    asking_ = false;
    if (got)
        for_whom->supplied(*this, success(std::move(*got)));
    else
        for_whom->supplied(*this, failure(thrown));
}

/// Calls `describe()`, which is the user's, here, without the asker's lock.
result<supplied_subject> supplier_call::success(subject_token got) const noexcept try {
    auto const times = base::peek_jwt(got.token().reveal());
    bool const is_over = times.is_over(std::chrono::system_clock::now());
    return supplied_subject(std::move(got), times, is_over ? source() : std::string());
} catch (std::exception const&) {
    return base::without_memory(phase::supplier);
}

std::string supplier_call::source() const {
    try {
        return supplier_->describe();
    } catch (std::bad_alloc const&) {
        throw;
    } catch (...) {
        return "without a description";
    }
}

error_info supplier_call::failure(std::exception_ptr const& thrown) const noexcept try {
    try {
        std::rethrow_exception(thrown);
    } catch (error const& known) {
        auto info = known.info();
        info.phase = phase::supplier;
        info.subject_expired = false; // that was the subject token of another exchange
        return info;
    } catch (std::bad_alloc const&) {
        return base::without_memory(phase::supplier);
    } catch (...) {
        return base::failure(
            error_kind::config, phase::supplier,
            "the supplier of the subject token (" + source() +
                ") threw an exception that is not an sts::error; its text is not shown because it may "
                "contain a secret");
    }
} catch (std::exception const&) {
    return base::without_memory(phase::supplier);
}

} // namespace equinix::sts::client_detail
