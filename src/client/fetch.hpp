// A secret that is fetched by HTTP: an operation whose answer is a subject token.
#pragma once

#include "client/operation.hpp"
#include "core/fetched_token.hpp"

#include <equinix/sts/secret.hpp>

#include <string>

namespace equinix::sts::client_detail {

struct fetch final : operation {
    /// `request` is the complete request. The token is the body or, given a name, that member of a JSON
    /// object.
    fetch(base::wiped_buffer request, std::string json_member, core::missing_page not_found);

    void write_request(base::wiped_buffer& to) override { base::append(to, base::view(request_)); }

    /// See `core::judge_fetched`.
    std::optional<error_info> judge(core::answer const& answer) override;

    secret got;

private:
    base::wiped_buffer const request_;
    std::string json_member_;
    core::missing_page const not_found_;
};

} // namespace equinix::sts::client_detail
