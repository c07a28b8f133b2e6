#include "client/exchange.hpp"

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

} // namespace

exchange::exchange(std::string_view head_prefix, exchange_request const& request,
                   issued_token_type_policy policy)
    : asked_(&request), policy_(policy) {
    bytes = core::request_bytes(head_prefix, request);
}

bool exchange::judge(core::answer const& answer) {
    // An error's text is the only place where a secret could come back; a token needs no such list.
    std::vector<core::wiped_buffer> spellings;
    if (answer.status >= 400) spellings = core::secret_spellings(*asked_);
    std::vector<std::string_view> secrets;
    for (auto const& spelling : spellings)
        secrets.push_back(core::view(spelling));
    core::judgement_context context;
    context.token_exchange = asked_->is_token_exchange();
    context.policy = policy_;
    context.expected_type = expected_type(*asked_);
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
