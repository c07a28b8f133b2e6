// A ready supplier that need not be kept by whoever asks it: it may be made for one question.
#pragma once

#include <equinix/sts/subject_token_supplier.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <utility>

namespace equinix::sts::suppliers_detail {

/// Owned by a shared pointer, which the question has as well.
class kept_supplier : public subject_token_supplier, public std::enable_shared_from_this<kept_supplier> {
public:
    boost::asio::awaitable<subject_token> supply(supply_context context) final {
        return ask(shared_from_this(), std::move(context));
    }

private:
    virtual boost::asio::awaitable<subject_token> answer(supply_context context) = 0;

    static boost::asio::awaitable<subject_token> ask(std::shared_ptr<kept_supplier> self,
                                                     supply_context context) {
        auto token = co_await self->answer(std::move(context));
        co_return token;
    }
};

} // namespace equinix::sts::suppliers_detail
