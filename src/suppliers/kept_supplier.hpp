// A ready supplier that its asker need not keep alive: it may be made for a single call.
#pragma once

#include <equinix/sts/subject_token_supplier.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <utility>

namespace equinix::sts::suppliers_detail {

/// Owned by a shared pointer, which each call holds too.
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
