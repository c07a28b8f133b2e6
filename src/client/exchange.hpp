// One exchange: an operation whose answer is a token.
#pragma once

#include "client/operation.hpp"

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>

#include <string_view>

namespace equinix::sts::client_detail {

struct exchange final : operation {
    /// Serialises the request. `request` must outlive the operation.
    exchange(std::string_view head_prefix, exchange_request const& request, issued_token_type_policy policy);

    bool judge(core::answer const& answer) override;

    std::optional<token> got;

private:
    exchange_request const* asked_;
    issued_token_type_policy policy_;
};

} // namespace equinix::sts::client_detail
