#include "base/failure.hpp"
#include "suppliers/kept_supplier.hpp"
#include "suppliers/supplied_token.hpp"

#include <equinix/sts/suppliers.hpp>

#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <exception>
#include <optional>

namespace equinix::sts::suppliers {

using namespace suppliers_detail;

namespace {

namespace asio = boost::asio;

class chain_supplier final : public kept_supplier {
public:
    explicit chain_supplier(std::vector<supplier_ptr> members) : members_(std::move(members)) {
        if (members_.empty()) base::refuse("suppliers::chain needs at least one supplier");
        for (auto const& member : members_)
            if (member == nullptr) base::refuse("suppliers::chain: a supplier is null");
    }

    asio::awaitable<subject_token> answer(supply_context context) override {
        auto const first = winner_.load(std::memory_order_relaxed);
        error_info last = base::failure(error_kind::config, phase::supplier, {});
        std::string told = "no supplier of the chain has a token";
        for (std::size_t tried = 0; tried < members_.size(); ++tried) {
            if (tried != 0 && std::chrono::steady_clock::now() >= context.deadline())
                fail(error_kind::timeout, told + "; the time was up before the others could be asked");
            auto const index = at(first, tried);
            std::exception_ptr thrown;
            std::optional<subject_token> token;
            try {
                auto supplied = co_await members_[index]->supply(context);
                token.emplace(std::move(supplied));
            } catch (...) {
                thrown = std::current_exception();
            }
            if (token) {
                winner_.store(index, std::memory_order_relaxed);
                co_return std::move(*token);
            }
            auto const state = co_await asio::this_coro::cancellation_state;
            if (state.cancelled() != asio::cancellation_type::none) std::rethrow_exception(thrown);
            last = reason(thrown);
            told += "; " + members_[index]->describe() + ": " + last.message;
        }
        last.message = std::move(told);
        throw error(std::move(last));
    }

    std::string describe() const override {
        std::string text = "chain of ";
        for (auto const& member : members_)
            text += (member == members_.front() ? "" : ", ") + member->describe();
        return text;
    }

private:
    /// The supplier to ask: first the one that supplied last time, then the others in order.
    static std::size_t at(std::size_t first, std::size_t tried) {
        if (tried == 0) return first;
        return tried <= first ? tried - 1 : tried;
    }

    /// For an exception that is not ours, only the fact is reported: its text may hold a secret.
    static error_info reason(std::exception_ptr const& thrown) {
        try {
            std::rethrow_exception(thrown);
        } catch (error const& known) {
            auto info = known.info();
            info.phase = phase::supplier;
            info.subject_expired = false; // that was the subject token of another exchange
            return info;
        } catch (...) {
            return base::failure(error_kind::config, phase::supplier, "threw an exception");
        }
    }

    std::vector<supplier_ptr> members_;
    std::atomic<std::size_t> winner_ = 0;
};

} // namespace

supplier_ptr chain(std::vector<supplier_ptr> members) {
    return std::make_shared<chain_supplier>(std::move(members));
}

} // namespace equinix::sts::suppliers
