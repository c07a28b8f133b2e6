// A secret that is fetched by HTTP: an operation whose answer is a subject token, or what one is made from.
#pragma once

#include "client/operation.hpp"
#include "core/fetched_token.hpp"

#include <equinix/sts/secret.hpp>

namespace equinix::sts::client_detail {

struct fetch final : operation {
    /// `request` is the complete request.
    fetch(base::wiped_buffer request, core::fetched_part part, core::missing_page not_found);

    void write_request(base::wiped_buffer& to) override { base::append(to, base::view(request_)); }

    /// See `core::judge_fetched`.
    std::optional<error_info> judge(core::answer const& answer) override;

    secret got;

private:
    base::wiped_buffer const request_;
    core::fetched_part const part_;
    core::missing_page const not_found_;
};

} // namespace equinix::sts::client_detail
