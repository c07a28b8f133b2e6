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
      refused_subject_(whose.fsm.looks_for_another_subject() ? whose.refused_subject : secret()) {}

/// Resumes no caller; notifies the desk.
struct token_flight::landing {
    using executor_type = asio::any_io_executor;

    executor_type get_executor() const noexcept { return flight->client_->connections->executor(); }
    void operator()() const { flight->desk_->landed(*flight); }

    std::shared_ptr<token_flight> flight;
};

bool token_flight::begin() noexcept {
    try {
        auto const now = base::clock::now();
        op.emplace(client_->terms, request_);
        op->live_only = true;
        op->refused_before = refused_subject_;
        op->source = desk_->name();
        op->deadline = base::after(now, request_.timeout().value_or(client_->timeout));
        op->fsm = core::exchange_fsm(now, op->deadline, op->supplier != nullptr);
        never_begun = op->objection();
    } catch (error const& refused) {
        never_begun = base::copy_of(refused.info());
    } catch (std::exception const&) {
        never_begun = base::without_memory(phase::none);
    }
    if (never_begun) return false;
    if (op->caller.hold(landing{shared_from_this()})) {
        client_->connections->start(*op);
        return true;
    }
    op->caller.destroy(); // which would have notified the desk
    never_begun = base::without_memory(phase::none);
    return false;
}

void token_flight::cancel() noexcept {
    client_->connections->stop(*op, stop_reason::canceled);
}

} // namespace equinix::sts::client_detail
