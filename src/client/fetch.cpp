#include "client/fetch.hpp"

#include "core/fetched_token.hpp"

#include <chrono>
#include <utility>

namespace equinix::sts::client_detail {

fetch::fetch(base::wiped_buffer request, std::string json_member)
    : request_(std::move(request)), json_member_(std::move(json_member)) {}

std::optional<error_info> fetch::judge(core::answer const& answer) {
    auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    auto judged = core::judge_fetched(answer, json_member_, now);
    if (!judged.has_value()) return judged.error();
    got = std::move(*judged);
    return std::nullopt;
}

} // namespace equinix::sts::client_detail
