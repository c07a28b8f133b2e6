#include "client/fetch.hpp"

#include <chrono>
#include <utility>

namespace equinix::sts::client_detail {

fetch::fetch(base::wiped_buffer request, core::fetched_part part, core::missing_page not_found)
    : request_(std::move(request)), part_(std::move(part)), not_found_(not_found) {}

std::optional<error_info> fetch::judge(core::answer const& answer) {
    auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    auto judged = core::judge_fetched(answer, part_, now, not_found_);
    if (!judged.has_value()) return judged.error();
    got = std::move(*judged);
    return std::nullopt;
}

} // namespace equinix::sts::client_detail
