// One exchange: an operation whose answer is a token.
#pragma once

#include "base/jwt_peek.hpp"
#include "base/lock.hpp"
#include "client/operation.hpp"

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts::client_detail {

/// The nonce that the service wants in proofs (RFC 9449 section 8): the last one that it has sent.
class latest_nonce {
public:
    explicit latest_nonce(bool thread_safe) : mutex_(thread_safe) {}

    std::string get() const {
        base::mutex_lock const lock(mutex_);
        return nonce_;
    }
    void set(std::string_view nonce) {
        base::mutex_lock const lock(mutex_);
        nonce_.assign(nonce);
    }

private:
    mutable base::mutex mutex_;
    std::string nonce_ STS_GUARDED_BY(mutex_);
};

/// What all exchanges of a client have in common.
struct exchange_terms {
    explicit exchange_terms(client_options const& options);

    std::string const head_prefix;
    std::string const target;       ///< of the endpoint: path and query
    std::string const url;          ///< of the endpoint
    std::string const proof_target; ///< the same, as proofs have it
    issued_token_type_policy const policy;
    mutable latest_nonce nonce;
};

struct exchange final : operation {
    /// Both arguments must outlive the operation.
    exchange(exchange_terms const& terms, exchange_request const& request);

    void write_request(base::wiped_buffer& to) override;
    std::function<core::signatures()> signing_job() const override;
    void take(core::signatures made) noexcept override;

    /// Whether a key of the request takes long to sign, so that it must not do so in `write_request`.
    bool signs_elsewhere() const noexcept;
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

    /// Called, with the pool's lock held, with the failure of an attempt that another one follows. Must not
    /// throw. May be empty.
    std::function<void(error_info const&)> on_failure;

    void attempt_failed() noexcept override {
        if (on_failure) on_failure(*fsm.failure());
    }

    base::jwt_times subject_times; ///< of the token that was supplied last

    /// The request as it was last sent.
    exchange_request const& asked() const noexcept { return supplied_ ? *supplied_ : *asked_; }

private:
    std::optional<error_info> objection_to(subject_token const& subject, std::string_view source);

    exchange_terms const* terms_;
    exchange_request const* asked_;
    struct signing_state {
        core::signatures made; ///< of the last request, or of the next one
        bool is_next = false;
        std::string nonce; ///< that the service has just asked for, so that nobody else uses it
    };
    std::string next_nonce() const { return has_new_nonce ? signs_->nonce : terms_->nonce.get(); }

    std::unique_ptr<signing_state> signs_;     ///< if the request has any signatures
    std::optional<exchange_request> supplied_; ///< a copy with the subject token that was supplied
};

} // namespace equinix::sts::client_detail
