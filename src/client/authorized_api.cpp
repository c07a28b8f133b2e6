#include "base/lock.hpp"
#include "base/wiped.hpp"
#include "core/challenges.hpp"

#include <equinix/sts/authorized_api.hpp>
#include <equinix/sts/dpop.hpp>

namespace equinix::sts {

/// The nonce that the next proof must contain.
struct authorized_api::memory {
    base::mutex mutex;
    std::string nonce STS_GUARDED_BY(mutex);
};

authorized_api::authorized_api(token_source tokens)
    : tokens_(std::move(tokens)), memory_(std::make_shared<memory>()) {}

/// Empty for a token that is not bound to a key.
std::string authorized_api::proof(token const& shown, std::string_view method, std::string_view url) const {
    if (!shown.proof_key()) return {};
    std::string nonce;
    {
        base::mutex_lock const held(memory_->mutex);
        nonce = memory_->nonce;
    }
    return shown.proof(method, url, nonce);
}

authorized_api::next authorized_api::judge(repetitions& so_far, token const& shown, unsigned status,
                                           std::string_view challenges, std::string_view nonce) const {
    bool const is_bound = shown.proof_key().has_value();
    auto brought = is_bound ? dpop_nonce(nonce) : std::nullopt;
    bool const has_nonce = brought.has_value();
    if (brought) {
        base::mutex_lock const held(memory_->mutex);
        memory_->nonce = std::move(*brought);
    }
    if (is_bound && wants_dpop_nonce(status, challenges)) { // nothing is wrong with the token
        bool const repeats = has_nonce && !so_far.nonce;
        so_far.nonce = true;
        return repeats ? next::other_nonce : next::done;
    }
    if (status != 401 || so_far.token) return next::done;
    // The token is good, and another would not help: a clock is wrong, for example (RFC 9449 section 7.1).
    if (is_bound && core::has_error(challenges, "DPoP", "invalid_dpop_proof")) return next::done;
    so_far.token = true;
    tokens_.invalidate(shown);
    return next::other_token;
}

bool authorized_api::is_same(token const& a, token const& b) noexcept {
    return base::equal_secrets(a.access_token.reveal(), b.access_token.reveal());
}

} // namespace equinix::sts
