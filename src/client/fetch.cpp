#include "client/fetch.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/http_date.hpp"
#include "base/secret_text.hpp"
#include "core/json_members.hpp"

namespace equinix::sts::client_detail {
namespace {

error_info failed(core::answer const& from, error_kind kind, std::string_view why) {
    auto info = base::failure(kind, phase::parse, why);
    info.http_status = from.status;
    auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    info.retry_after = base::parse_retry_after(from.retry_after, now);
    return info;
}

error_info no_token(core::answer const& from, std::string_view why) {
    return failed(from, error_kind::malformed, "the answer holds no token: " + std::string(why));
}

/// Why there is no token in an answer of this status.
error_info by_status(core::answer const& from) {
    if (from.status >= 300 && from.status < 400)
        return failed(from, error_kind::redirect, "a redirection, which is never followed");
    if (base::asks_for_later(from.status))
        return failed(from, error_kind::unavailable, "the token cannot be had now");
    return failed(from, error_kind::http, "an unexpected status in place of a token");
}

} // namespace

fetch::fetch(base::wiped_buffer request, std::string json_member)
    : request_(std::move(request)), json_member_(std::move(json_member)) {}

bool fetch::judge(core::answer const& answer) {
    auto const refuse = [&](error_info why) {
        failure = std::move(why);
        return false;
    };
    if (answer.status != 200) return refuse(by_status(answer));
    if (!answer.content_encoding.empty() && !base::iequals(answer.content_encoding, "identity"))
        return refuse(no_token(answer, "it has a content coding that was not asked for"));
    std::optional<core::json_member> member;
    if (!json_member_.empty()) {
        member = core::read_member(answer.body, json_member_);
        if (!member)
            return refuse(no_token(answer, "it is no JSON object, or names '" + json_member_ + "' twice"));
        if (!member->is_text())
            return refuse(no_token(answer, "its member '" + json_member_ + "' is missing or no string"));
    }
    auto const token = base::read_token(member ? member->value : answer.body);
    if (!token.wrong.empty()) return refuse(no_token(answer, "it " + std::string(token.wrong)));
    got = secret(token.value);
    return true;
}

} // namespace equinix::sts::client_detail
