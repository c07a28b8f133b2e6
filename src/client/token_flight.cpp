#include "client/token_flight.hpp"

#include "base/failure.hpp"
#include "client/token_desk.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <new>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

token_flight::token_flight(std::shared_ptr<token_desk> desk, std::shared_ptr<access::handle> client,
                           token_entry& whose)
    : entry(whose), desk_(std::move(desk)), client_(std::move(client)), request_(whose.request),
      refused_subject_(whose.extras && whose.fsm.looks_for_another_subject() ? whose.extras->refused_subject
                                                                             : secret()) {}

/// Resumes no caller; notifies the flight.
struct token_flight::landing {
    using executor_type = asio::any_io_executor;

    executor_type get_executor() const noexcept { return flight->client_->connections->executor(); }
    void operator()() const { flight->exchanged(); }

    std::shared_ptr<token_flight> flight;
};

bool token_flight::begin() noexcept {
    return begin_exchange();
}

bool token_flight::begin_exchange() noexcept {
    try {
        op_.emplace(client_->terms, request_);
        op_->live_only = true;
        op_->refused_before = refused_subject_;
        op_->source = desk_->name();
        op_->deadline = deadline;
        op_->limit = request_.timeout();
        op_->on_failure = [this](error_info const& why) { attempt_failed(why); };
        op_->fsm = core::exchange_fsm(base::clock::now(), deadline, op_->supplier != nullptr,
                                      op_->signs_elsewhere());
        failure = op_->objection();
    } catch (error const& refused) {
        failure = base::copy_of(refused.info());
    } catch (std::exception const&) {
        failure = base::without_memory(phase::none);
    }
    if (failure) return false;
    if (op_->caller.hold(landing{shared_from_this()})) {
        client_->connections->start(*op_);
        return true;
    }
    op_->caller.destroy(); // which would have notified the flight
    failure = base::without_memory(phase::none);
    return false;
}

void token_flight::cancel() noexcept {
    stop_exchange();
}

void token_flight::stop_exchange() noexcept {
    client_->connections->stop(*op_, stop_reason::canceled);
}

void token_flight::attempt_failed(error_info const& why) noexcept {
    auto copy = base::copy_of(why);
    base::mutex_lock const held(failing_);
    failure_so_far_ = std::move(copy);
}

std::optional<error_info> token_flight::failure_so_far() const noexcept {
    base::mutex_lock const held(failing_);
    return failure_so_far_ ? std::optional(base::copy_of(*failure_so_far_)) : std::nullopt;
}

void token_flight::exchanged() noexcept {
    take_result();
    land();
}

void token_flight::take_result() noexcept {
    got = std::move(op_->got);
    subject_times = op_->subject_times;
    if (!got) failure = op_->fsm.take_failure();
    if (auto const& sent = op_->asked().subject()) subject = sent->token();
}

void token_flight::land() noexcept {
    desk_->landed(*this);
}

} // namespace equinix::sts::client_detail
