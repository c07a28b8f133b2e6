// Suppliers that give, or throw, what a test says; and a service that is shown their tokens.
#pragma once

#include "support/refused.hpp"
#include "support/service.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <vector>

namespace test {

/// Gives its tokens one after the other, the last one for ever.
class sequence final : public sts::subject_token_supplier {
public:
    explicit sequence(std::vector<std::string> tokens, bool by_a_timer = false)
        : tokens_(std::move(tokens)), by_a_timer_(by_a_timer) {}

    asio::awaitable<sts::subject_token> supply(sts::supply_context context) override {
        auto const turn = asked.fetch_add(1);
        if (by_a_timer_) {
            asio::steady_timer timer(context.executor(), std::chrono::milliseconds(1));
            co_await timer.async_wait(asio::use_awaitable);
        }
        co_return sts::subject_token(tokens_[std::min(turn, tokens_.size() - 1)]);
    }
    std::string describe() const override { return "a sequence"; }

    std::atomic<std::size_t> asked = 0;

private:
    std::vector<std::string> const tokens_;
    bool const by_a_timer_;
};

/// Throws from its `first`-th question on, and gives the token before that.
template <class Thrown>
class failing final : public sts::subject_token_supplier {
public:
    failing(std::string token, std::size_t first, Thrown what)
        : token_(std::move(token)), first_(first), what_(std::move(what)) {}

    asio::awaitable<sts::subject_token> supply(sts::supply_context) override {
        if (++asked >= first_) throw what_;
        co_return sts::subject_token(token_);
    }
    std::string describe() const override { return "the failing one"; }

    std::size_t asked = 0;

private:
    std::string const token_;
    std::size_t const first_;
    Thrown const what_;
};

struct supplied : service {
    sts::exchange_request asking(std::shared_ptr<sts::subject_token_supplier> whom) const {
        return sts::exchange_request(std::move(whom)).scope(sts::scope::role_assignments("1"));
    }
    std::string token(std::string subject = "workload") const {
        return mock.id_token(sts::testing::id_token_claims().subject(std::move(subject)));
    }
    std::string forged() const { return mock.id_token(sts::testing::id_token_claims().forged()); }
    bool sent(std::size_t request, std::string const& id_token) const {
        return contains(mock.raw_requests().at(request), "subject_token=" + id_token + "&") ||
               mock.raw_requests().at(request).ends_with("subject_token=" + id_token);
    }
};

} // namespace test
