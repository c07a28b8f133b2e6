#include "core/fetched_token.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/http_date.hpp"
#include "base/secret_text.hpp"
#include "core/json_members.hpp"

#include <optional>
#include <string>

namespace equinix::sts::core {
namespace {

/// Why there is no token in an answer.
class refusal {
public:
    refusal(answer const& from, std::chrono::sys_seconds now) : from_(&from), now_(now) {}

    error_info of(error_kind kind, std::string_view why) const {
        auto info = base::failure(kind, phase::parse, why);
        info.http_status = from_->status;
        info.retry_after = base::parse_retry_after(from_->retry_after, now_);
        return info;
    }
    error_info no_token(std::string_view why) const {
        return of(error_kind::malformed, "the response contains no token: " + std::string(why));
    }
    error_info by_status() const {
        if (from_->status >= 300 && from_->status < 400)
            return of(error_kind::redirect, "a redirect, which is never followed");
        if (base::asks_for_later(from_->status))
            return of(error_kind::unavailable, "no token is available now");
        return of(error_kind::http, "an unexpected status instead of a token");
    }

private:
    answer const* from_;
    std::chrono::sys_seconds now_;
};

} // namespace

result<secret> judge_fetched(answer const& from, std::string_view json_member, std::chrono::sys_seconds now,
                             missing_page not_found) {
    refusal const refused(from, now);
    if (from.status == 404 && not_found == missing_page::not_there_yet)
        return refused.of(error_kind::unavailable, "no token is available at that path, or not yet");
    if (from.status != 200) return refused.by_status();
    if (!from.content_encoding.empty() && !base::iequals(from.content_encoding, "identity"))
        return refused.no_token("it has a content coding that was not requested");
    auto text = from.body;
    std::optional<base::json_member> member;
    if (!json_member.empty()) {
        auto const name = "'" + std::string(json_member) + "'";
        member = read_member(from.body, json_member);
        if (!member) return refused.no_token("it is not a JSON object, or contains " + name + " twice");
        if (!member->is_text()) return refused.no_token("its member " + name + " is missing or not a string");
        text = member->value;
    }
    auto const token = base::read_token(text);
    if (!token.wrong.empty()) return refused.no_token("it " + std::string(token.wrong));
    return secret(token.value);
}

} // namespace equinix::sts::core
