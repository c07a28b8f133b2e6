#include "base/failure.hpp"
#include "suppliers/kept_supplier.hpp"

#include <equinix/sts/suppliers.hpp>

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

class callback_supplier final : public kept_supplier {
public:
    explicit callback_supplier(std::function<subject_token()> function) : function_(std::move(function)) {}

    boost::asio::awaitable<subject_token> answer(supply_context) override {
        auto token = function_();
        co_return token;
    }

    std::string describe() const override { return "callback"; }

private:
    std::function<subject_token()> function_;
};

class coroutine_supplier final : public kept_supplier {
public:
    using function_type = std::function<boost::asio::awaitable<subject_token>(supply_context)>;

    explicit coroutine_supplier(function_type function) : function_(std::move(function)) {}

    /// Not a coroutine itself: the awaitable that the function returns is awaited directly.
    boost::asio::awaitable<subject_token> answer(supply_context context) override {
        return function_(std::move(context));
    }

    std::string describe() const override { return "coroutine"; }

private:
    function_type function_;
};

} // namespace

supplier_ptr callback(std::function<subject_token()> function) {
    if (!function) base::refuse("suppliers::callback needs a function");
    return std::make_shared<callback_supplier>(std::move(function));
}

supplier_ptr coroutine(std::function<boost::asio::awaitable<subject_token>(supply_context)> function) {
    if (!function) base::refuse("suppliers::coroutine needs a function");
    return std::make_shared<coroutine_supplier>(std::move(function));
}

} // namespace equinix::sts::suppliers
