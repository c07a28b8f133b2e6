#include "core/fetched_token.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/http_date.hpp"
#include "base/secret_text.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace equinix::sts::core {
namespace {

/// The code in an error of AWS, such as `AccessDenied`; empty if there is none.
std::string code_of(std::string_view body) {
    constexpr std::string_view begin = "<Code>", end = "</Code>";
    auto const at = body.find(begin);
    auto const until = body.find(end, std::min(at, body.size()));
    if (until == std::string_view::npos) return {};
    auto const code = body.substr(at + begin.size(), until - at - begin.size());
    bool const is_word = !code.empty() && code.size() <= 64 && base::all_of(code, base::is_alphanumeric);
    return is_word ? std::string(code) : std::string();
}

/// AWS asks for fewer requests by a code, with status 400.
bool says_later(std::string_view code) {
    return code.starts_with("Throttl") || code.starts_with("RequestLimitExceeded") || code == "SlowDown";
}

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
        auto const code = code_of(from_->body);
        return of(says_later(code) ? error_kind::unavailable : error_kind::http,
                  "an unexpected status instead of a token" + (code.empty() ? code : " (" + code + ")"));
    }

private:
    answer const* from_;
    std::chrono::sys_seconds now_;
};

std::string shown(json_path member) {
    std::string text = "'" + member.front();
    for (auto const& inner : member.subspan(1))
        text.append("/").append(inner);
    return text + "'";
}

} // namespace

result<secret> judge_fetched(answer const& from, fetched_part const& part, std::chrono::sys_seconds now,
                             missing_page not_found) {
    refusal const refused(from, now);
    if (from.status == 404 && not_found == missing_page::not_there_yet)
        return refused.of(error_kind::unavailable, "no token is available at that path, or not yet");
    if (from.status != 200) return refused.by_status();
    if (!from.content_encoding.empty() && !base::iequals(from.content_encoding, "identity"))
        return refused.no_token("it has a content coding that was not requested");
    if (part.is_document) return secret(from.body);
    auto text = from.body;
    std::optional<json_member> found;
    if (!part.member.empty()) {
        auto const name = shown(part.member);
        found = read_member(from.body, part.member);
        if (!found) return refused.no_token("it is not a JSON object, or contains " + name + " twice");
        if (!found->is_text()) return refused.no_token("its member " + name + " is missing or not a string");
        text = found->value;
    }
    auto const token = base::read_token(text);
    if (!token.wrong.empty()) return refused.no_token("it " + std::string(token.wrong));
    return secret(token.value);
}

} // namespace equinix::sts::core
