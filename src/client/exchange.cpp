#include "client/exchange.hpp"

#include "base/failure.hpp"
#include "base/http_date.hpp"
#include "core/dpop_nonce.hpp"
#include "core/request_bytes.hpp"
#include "core/response.hpp"
#include "values/proof.hpp"

#include <boost/assert.hpp>

#include <utility>
#include <vector>

namespace equinix::sts::client_detail {
namespace {

/// For this long after its expiry by the local clock, a subject token is sent nevertheless.
constexpr auto clock_tolerance = std::chrono::seconds(60);

bool same_secret(secret const& a, secret const& b) noexcept {
    return base::equal_secrets(a.reveal(), b.reveal());
}

/// What is signed for one sending of the request.
core::signatures sign(exchange_request const& request, std::string_view proof_target, std::string_view url,
                      std::string nonce) {
    auto const now = std::chrono::system_clock::now();
    core::signatures made;
    if (auto const& key = request.proof_key()) {
        values::proof_claims about;
        about.method = "POST";
        about.target = proof_target;
        about.nonce = nonce;
        made.proof = values::make_proof(*key, about, now);
        made.nonce = std::move(nonce);
    }
    if (request.authentication().key() != nullptr)
        made.assertion = values::make_assertion(request.authentication(), url, now);
    return made;
}

bool has_signatures(exchange_request const& request) noexcept {
    return request.proof_key() || request.authentication().key() != nullptr;
}

} // namespace

exchange_terms::exchange_terms(client_options const& options)
    : head_prefix(core::head_prefix(options)), target(options.endpoint.target()), url(options.endpoint.url()),
      proof_target(values::proof_target(url).value_or(url)), policy(options.issued_token_type),
      nonce(options.thread_safe) {}

exchange::exchange(exchange_terms const& terms, exchange_request const& request)
    : terms_(&terms), asked_(&request) {
    supplier = request.supplier();
    tag = request.tag();
    if (has_signatures(request)) signs_ = std::make_unique<signing_state>();
}

void exchange::write_request(base::wiped_buffer& to) {
    if (!has_signatures(asked())) return core::write_request(to, terms_->head_prefix, asked());
    if (!std::exchange(signs_->is_next, false)) {
        BOOST_ASSERT(!signs_elsewhere());
        signs_->made = sign(asked(), terms_->proof_target, terms_->url, next_nonce());
    }
    core::write_request(to, terms_->head_prefix, asked(), signs_->made);
}

bool exchange::signs_elsewhere() const noexcept {
    auto const& proof = asked_->proof_key();
    auto const* const client = asked_->authentication().key();
    return (proof && !proof->signs_inline()) || (client != nullptr && !client->signs_inline());
}

std::function<core::signatures()> exchange::signing_job() const {
    return [request = asked(), target = terms_->proof_target, url = terms_->url, nonce = next_nonce()] {
        return sign(request, target, url, nonce);
    };
}

void exchange::take(core::signatures made) noexcept {
    BOOST_ASSERT(signs_elsewhere());
    signs_->made = std::move(made);
    signs_->is_next = true;
}

std::optional<error_info> exchange::take(supplied_subject subject, bool another_wanted) {
    subject_times = subject.times;
    if (auto objection = objection_to(subject.token, subject.source)) return objection;
    bool const same = supplied_ && same_secret(supplied_->subject()->token(), subject.token.token());
    if (another_wanted && same)
        return base::failure(error_kind::oauth, phase::supplier, "the supplier has no other subject token");
    if (same) return std::nullopt;
    supplied_ = *asked_;
    supplied_->subject(std::move(subject.token));
    return std::nullopt;
}

bool exchange::needs_another_subject() const noexcept {
    return supplier && subject_times.is_over(std::chrono::system_clock::now());
}

secret exchange::refused_subject() const noexcept {
    bool const at_fault = fsm.refusal_stands() && supplied_ && fsm.failure()->subject_refused();
    return at_fault ? supplied_->subject()->token() : secret();
}

std::optional<error_info> exchange::objection() {
    auto const& subject = asked_->subject();
    if (asked_->grant() != grant_type::client_credentials && !subject && !asked_->supplier())
        return base::failure(
            error_kind::config, phase::none,
            "the exchange_request is empty because it was moved from: pass a copy, which costs nothing");
    if (!live_only || !subject) return std::nullopt;
    subject_times = base::peek_jwt(subject->token().reveal());
    return objection_to(*subject, {});
}

/// Allows for a local clock that is ahead of the service's.
std::optional<error_info> exchange::objection_to(subject_token const& subject, std::string_view source) {
    if (!live_only) return std::nullopt;
    auto const now = std::chrono::system_clock::now();
    fsm.send_once(subject_times.is_over(now));
    if (subject_times.is_over(now - clock_tolerance)) {
        auto expired = base::failure(
            error_kind::config, phase::supplier,
            "the subject token" + (source.empty() ? std::string() : " of " + std::string(source)) +
                " expired at " +
                base::iso_time(std::chrono::floor<std::chrono::seconds>(*subject_times.expires)) +
                " and was not sent: supply a fresh one, or correct the clock");
        expired.subject_expired = true;
        return expired;
    }
    if (!refused_before.empty() && same_secret(refused_before, subject.token()))
        return base::failure(error_kind::oauth, phase::supplier,
                             "the service has already refused this subject token");
    return std::nullopt;
}

std::optional<error_info> exchange::judge(core::answer const& answer) {
    has_new_nonce = false;
    // Only an error's text could repeat a secret; a successful answer needs no such list.
    std::vector<base::wiped_buffer> spellings;
    if (core::may_quote(answer))
        spellings = signs_ ? core::secret_spellings(asked(), signs_->made) : core::secret_spellings(asked());
    std::vector<std::string_view> secrets;
    secrets.reserve(spellings.size());
    for (auto const& spelling : spellings)
        secrets.push_back(base::view(spelling));
    core::judgement_context context;
    context.token_exchange = asked().is_token_exchange();
    context.proves = asked().proof_key().has_value();
    context.is_signed = has_signatures(asked());
    context.demands_proof = context.proves && asked().binding() == dpop_binding::required;
    context.policy = terms_->policy;
    context.target = terms_->target;
    if (auto const& scope = asked().scope()) context.scope = scope->value();
    context.expected_type = asked().expected_token_type();
    context.requested = requested;
    context.received = now_on_both_clocks();
    context.secrets = secrets;
    auto judged = core::judge(answer, context);
    if (context.proves) {
        auto const nonce = core::read_nonce(answer, judged.has_error() ? judged.error().oauth_error : "",
                                            signs_->made.nonce);
        if (nonce.ill_formed)
            return base::failure(error_kind::protocol, phase::parse,
                                 "the response's DPoP-Nonce is not one nonce (RFC 9449 section 8.1)");
        if (!nonce.nonce.empty()) terms_->nonce.set(nonce.nonce);
        has_new_nonce = nonce.is_wanted;
        if (has_new_nonce) signs_->nonce.assign(nonce.nonce);
    }
    if (!judged.has_value()) return judged.error();
    got = std::move(*judged);
    if (context.proves && got->token_type == "DPoP") got->bind(*asked().proof_key());
    return std::nullopt;
}

} // namespace equinix::sts::client_detail
