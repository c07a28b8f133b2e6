// One call of a supplier of subject tokens.
#pragma once

#include "client/outside_call.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/subject_token_supplier.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/strand.hpp>

#include <memory>

namespace equinix::sts::client_detail {

/// The supplier's coroutine runs on a strand of its own. The asker may abandon it there: it then ends on its
/// own, and no one is notified.
class supplier_call final : public outside_call, public std::enable_shared_from_this<supplier_call> {
public:
    supplier_call(boost::asio::any_io_executor const& executor,
                  std::shared_ptr<subject_token_supplier> supplier, supply_context context)
        : strand_(boost::asio::make_strand(executor)), supplier_(std::move(supplier)),
          context_(std::move(context)) {}

    /// The asker is notified from the strand.
    void begin(std::shared_ptr<asker> for_whom) override;

    /// Cancels the coroutine, as far as it supports cancellation.
    void cancel() noexcept override;

    /// The context destroys the coroutine.
    void leave_context() noexcept override {}

private:
    boost::asio::awaitable<void> ask(std::shared_ptr<asker> for_whom);
    result<supplied_subject> success(subject_token got) const noexcept;
    error_info failure(std::exception_ptr const& thrown) const noexcept;
    std::string source() const;

    boost::asio::strand<boost::asio::any_io_executor> strand_;
    std::shared_ptr<subject_token_supplier> supplier_;
    supply_context context_;

    // Used on the strand only.
    boost::asio::cancellation_signal signal_;
    bool asking_ = false;
    bool canceled_ = false;
};

} // namespace equinix::sts::client_detail
