#include "client/exchange.hpp"

#include "core/failure.hpp"
#include "core/http_date.hpp"
#include "core/request_bytes.hpp"
#include "core/response.hpp"

#include <vector>

namespace equinix::sts::client_detail {
namespace {

std::string_view expected_type(exchange_request const& request) {
    for (auto const& field : request.parameters())
        if (field.name == "requested_token_type") return field.value.reveal();
    return token_types::access_token;
}

bool same_secret(secret const& a, secret const& b) noexcept {
    return a.size() == b.size() && core::equal_secrets(a.reveal(), b.reveal());
}

} // namespace

exchange::exchange(std::string_view head_prefix, exchange_request const& request,
                   issued_token_type_policy policy)
    : head_prefix_(head_prefix), asked_(&request), policy_(policy) {
    supplier = request.supplier();
}

void exchange::write_request(core::wiped_buffer& to) const {
    core::write_request(to, head_prefix_, asked());
}

std::optional<error_info> exchange::take(supplied_subject subject, bool another_wanted) {
    subject_times = subject.times;
    if (auto objection = objection_to(subject.token, subject_times, subject.source)) return objection;
    bool const same = supplied_ && same_secret(supplied_->subject()->token(), subject.token.token());
    if (another_wanted && same)
        return core::failure(error_kind::oauth, phase::supplier, "the supplier has no other subject token");
    if (same) return std::nullopt;
    supplied_ = *asked_;
    supplied_->subject(std::move(subject.token));
    return std::nullopt;
}

bool exchange::needs_another_subject() const noexcept {
    return supplier && subject_times.is_over(std::chrono::system_clock::now());
}

std::optional<error_info> exchange::objection() const {
    auto const& subject = asked_->subject();
    if (asked_->is_token_exchange() && !subject && !asked_->supplier())
        return core::failure(
            error_kind::config, phase::none,
            "the exchange_request is empty: it was moved from; pass a copy of it, which costs nothing");
    if (!live_only || !subject) return std::nullopt;
    return objection_to(*subject, core::peek_jwt(subject->token().reveal()), {});
}

std::optional<error_info> exchange::objection_to(subject_token const& subject, core::jwt_times const& times,
                                                 std::string_view source) const {
    if (!live_only) return std::nullopt;
    if (times.is_over(std::chrono::system_clock::now()))
        return core::failure(
            error_kind::config, phase::supplier,
            "the subject token" + (source.empty() ? std::string() : " of " + std::string(source)) +
                " expired at " + core::iso_time(std::chrono::floor<std::chrono::seconds>(*times.expires)) +
                ": it was not sent; supply a fresh one, or set the clock");
    if (!refused_before.empty() && same_secret(refused_before, subject.token()))
        return core::failure(error_kind::oauth, phase::supplier,
                             "the service has refused this subject token before");
    return std::nullopt;
}

bool exchange::judge(core::answer const& answer) {
    // An error's text is the only place where a secret could come back; a token needs no such list.
    std::vector<core::wiped_buffer> spellings;
    if (answer.status >= 400) spellings = core::secret_spellings(asked());
    std::vector<std::string_view> secrets;
    secrets.reserve(spellings.size());
    for (auto const& spelling : spellings)
        secrets.push_back(core::view(spelling));
    core::judgement_context context;
    context.token_exchange = asked().is_token_exchange();
    context.policy = policy_;
    context.expected_type = expected_type(asked());
    context.requested = requested;
    context.received = now_on_both_clocks();
    context.secrets = secrets;
    auto judged = core::judge(answer, context);
    if (judged.has_value())
        got = std::move(*judged);
    else
        failure = judged.error();
    return got.has_value();
}

} // namespace equinix::sts::client_detail
