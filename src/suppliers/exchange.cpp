#include "base/saturating.hpp"
#include "base/wiped.hpp"
#include "suppliers/kept_supplier.hpp"
#include "suppliers/supplied_token.hpp"

#include <equinix/sts/suppliers.hpp>

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

class exchange_supplier final : public kept_supplier {
public:
    exchange_supplier(token_source source, std::string type)
        : source_(std::move(source)), type_(std::move(type)) {
        if (!type_.empty()) check_type(type_);
    }

    boost::asio::awaitable<subject_token> answer(supply_context context) override {
        give_up(context.refused());
        auto const got = co_await source_.get(context.deadline() - base::clock::now());
        co_return subject_token(got->access_token, type_of(*got));
    }

    std::string describe() const override { return "another token exchange"; }

private:
    void give_up(secret const& refused) const noexcept {
        if (refused.empty()) return;
        auto const held = source_.peek();
        if (held && held->access_token.size() == refused.size() &&
            base::equal_secrets(held->access_token.reveal(), refused.reveal()))
            source_.invalidate(*held);
    }

    std::string type_of(token const& got) const {
        if (!type_.empty()) return type_;
        return got.issued_token_type.empty() ? token_types::access_token : got.issued_token_type;
    }

    token_source const source_;
    std::string const type_;
};

} // namespace

supplier_ptr exchange(token_source source, std::string type) {
    return std::make_shared<exchange_supplier>(std::move(source), std::move(type));
}

} // namespace equinix::sts::suppliers
