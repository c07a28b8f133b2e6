#include "suppliers/kept_supplier.hpp"

#include <equinix/sts/suppliers.hpp>

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

class literal_supplier final : public kept_supplier {
public:
    explicit literal_supplier(subject_token token) : token_(std::move(token)) {}

    boost::asio::awaitable<subject_token> answer(supply_context) override {
        auto token = token_;
        co_return token;
    }

    std::string describe() const override { return "literal token"; }

private:
    subject_token token_;
};

} // namespace

supplier_ptr literal(subject_token token) {
    return std::make_shared<literal_supplier>(std::move(token));
}

} // namespace equinix::sts::suppliers
