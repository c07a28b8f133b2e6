// One exchange: an operation whose answer is a token.
#pragma once

#include "base/jwt_peek.hpp"
#include "client/operation.hpp"

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts::client_detail {

/// What all exchanges of a client have in common.
struct exchange_terms {
    std::string head_prefix;
    std::string target; ///< of the endpoint: path and query
    issued_token_type_policy policy = issued_token_type_policy::by_grant;
};

struct exchange final : operation {
    /// Both arguments must outlive the operation.
    exchange(exchange_terms const& terms, exchange_request const& request);

    void write_request(base::wiped_buffer& to) const override;
    std::optional<error_info> judge(core::answer const& answer) override;
    std::optional<error_info> take(supplied_subject subject, bool another_wanted) override;
    bool needs_another_subject() const noexcept override;
    secret refused_subject() const noexcept override;

    /// Returns why the request, or its own subject token (see `live_only`), must not be sent. Throws.
    std::optional<error_info> objection();

    std::optional<token> got;

    /// Set before the start: refuse a subject token that says of itself that it has expired, and this one,
    /// which the service has refused before.
    bool live_only = false;
    secret refused_before;

    /// Called, with the pool's lock held, when the service asks for a wait before the next attempt. Must not
    /// throw. May be empty.
    std::function<void(std::chrono::seconds)> waits;

    void told_to_wait(std::chrono::seconds how_long) noexcept override {
        if (waits) waits(how_long);
    }

    base::jwt_times subject_times; ///< of the token that was supplied last

    /// The request as it was last sent.
    exchange_request const& asked() const noexcept { return supplied_ ? *supplied_ : *asked_; }

private:
    std::optional<error_info> objection_to(subject_token const& subject, std::string_view source);

    exchange_terms const* terms_;
    exchange_request const* asked_;
    std::optional<exchange_request> supplied_; ///< a copy with the subject token that was supplied
};

} // namespace equinix::sts::client_detail
