#include "testing/claims.hpp"
#include "testing/public_key.hpp"
#include "testing/random_id.hpp"
#include "testing/seen_ids.hpp"
#include "values/jwk.hpp"
#include "values/proof.hpp"

#include <equinix/sts/testing/proof_verifier.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <set>
#include <utility>

namespace equinix::sts::testing {

namespace json = boost::json;

class proof_verifier::impl {
public:
    explicit impl(proof_rules rules) : rules_(std::move(rules)), nonce_(random_id()) {}

    proof_verdict check(std::string_view method, std::string_view url, std::string_view dpop,
                        std::string_view access_token) {
        proof_verdict out;
        std::string given_nonce;
        out.refusal = refusal(method, url, dpop, access_token, out.thumbprint, given_nonce);
        if (out.refusal.empty() && !take(given_nonce)) {
            out.refusal =
                given_nonce.empty() ? "the proof has no nonce" : "the proof's nonce is not the latest";
            out.wants_nonce = true;
        }
        if (!out.refusal.empty()) out.thumbprint.clear();
        out.nonce = next_nonce();
        return out;
    }

    void renew_nonce() {
        base::mutex_lock const lock(mutex_);
        nonce_ = random_id();
    }

private:
    std::string refusal(std::string_view method, std::string_view url, std::string_view dpop,
                        std::string_view access_token, std::string& thumbprint, std::string& nonce) {
        if (dpop.empty()) return "there is no proof";
        auto const proof = parse_jwt(dpop);
        if (!proof) return "the proof is not one JWT";
        if (text_in(proof->header, "typ") != "dpop+jwt") return "the proof's typ is not dpop+jwt";
        auto const algorithm = text_in(proof->header, "alg");
        if (std::ranges::find(rules_.algorithms, algorithm) == rules_.algorithms.end())
            return "the proof's algorithm is not accepted";
        auto const* const jwk = proof->header.if_contains("jwk");
        if (jwk == nullptr || !jwk->is_object()) return "the proof has no jwk";
        if (proof->header.contains("crit"))
            return "the proof's header has an extension that is not understood";
        for (auto const* const secret : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
            if (jwk->get_object().contains(secret)) return "the proof's jwk contains a private key";
        if (!is_signed_by(jwk->get_object(), *proof)) return "the proof's signature is wrong";
        if (text_in(proof->claims, "htm") != method) return "the proof's htm is not the request's method";
        auto const target = values::proof_target(url);
        if (!target || values::proof_target(text_in(proof->claims, "htu")) != target)
            return "the proof's htu is not the request's URL";
        auto const now = std::chrono::system_clock::now();
        auto const seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
        auto const issued = number_in(proof->claims, "iat");
        if (!issued || std::abs(*issued - seconds) > rules_.window.count())
            return "the proof's iat is too far from now";
        auto const id = text_in(proof->claims, "jti");
        if (id.empty()) return "the proof has no jti";
        if (!seen_.add(id, now, 2 * rules_.window + std::chrono::seconds(1)))
            return "the proof's jti was used before";
        auto const key = public_key(jwk->get_object());
        thumbprint = values::sha256_base64url(values::public_jwk(key.get()).value_or(std::string()));
        nonce = text_in(proof->claims, "nonce");
        if (access_token.empty()) return {};
        if (text_in(proof->claims, "ath") != values::sha256_base64url(access_token))
            return "the proof's ath is not the hash of the access token";
        auto const token = parse_jwt(access_token);
        if (!token) return {};
        auto const* const bound = token->claims.if_contains("cnf");
        if (bound == nullptr || !bound->is_object() || text_in(bound->get_object(), "jkt") != thumbprint)
            return "the access token is not bound to the proof's key";
        return {};
    }

    bool take(std::string const& given) {
        base::mutex_lock const lock(mutex_);
        if (rules_.nonces == nonce_rule::none) return true;
        if (rules_.nonces == nonce_rule::lasting) return given == nonce_;
        return open_.erase(given) != 0;
    }

    std::string next_nonce() {
        base::mutex_lock const lock(mutex_);
        if (rules_.nonces == nonce_rule::none) return {};
        if (rules_.nonces == nonce_rule::lasting) return nonce_;
        constexpr std::size_t most = 10'000;
        if (open_.size() >= most) open_.clear(); // nobody uses them
        return *open_.insert(random_id()).first;
    }

    proof_rules const rules_;
    seen_ids seen_;
    base::mutex mutex_;
    std::string nonce_ STS_GUARDED_BY(mutex_);
    std::set<std::string> open_ STS_GUARDED_BY(mutex_); // nonces that were sent and not used
};

namespace {

proof_rules with(nonce_rule nonces) {
    proof_rules made;
    made.nonces = nonces;
    return made;
}

} // namespace

proof_verifier::proof_verifier(nonce_rule nonces) : proof_verifier(with(nonces)) {}
proof_verifier::proof_verifier(proof_rules rules) : impl_(std::make_unique<impl>(std::move(rules))) {}
proof_verifier::~proof_verifier() = default;

proof_verdict proof_verifier::check(std::string_view method, std::string_view url, std::string_view dpop,
                                    std::string_view access_token) {
    return impl_->check(method, url, dpop, access_token);
}

void proof_verifier::renew_nonce() {
    impl_->renew_nonce();
}

} // namespace equinix::sts::testing
