#include "core/fetched_token.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/http_date.hpp"
#include "base/secret_text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>

namespace equinix::sts::core {

bool is_code(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 64 && base::all_of(text, base::is_alphanumeric);
}

namespace {

/// The code in an error of AWS, such as `AccessDenied`, in XML or in JSON; empty if there is none.
std::string code_of(std::string_view body) {
    constexpr std::string_view begin = "<Code>", end = "</Code>";
    auto const at = body.find(begin);
    auto const until = body.find(end, std::min(at, body.size()));
    std::string_view code;
    std::optional<json_member> member;
    if (until != std::string_view::npos) {
        code = body.substr(at + begin.size(), until - at - begin.size());
    } else {
        for (auto const* const name : {"Code", "code"}) {
            std::array const path = {std::string(name)};
            member = read_member(body, path);
            if (member && member->is_text()) break;
        }
        if (member && member->is_text()) code = member->value;
    }
    return std::string(is_code(code) ? code : std::string_view());
}

/// AWS asks for fewer requests by a code, whatever the status is.
bool says_later(std::string_view code) {
    constexpr std::string_view known[] = {
        "Throttl",      "RequestThrottled",       "TooManyRequests", "RequestLimitExceeded",
        "SlowDown",     "BandwidthLimitExceeded", "RequestTimeout",  "PriorRequestNotComplete",
        "LimitExceeded"};
    return std::any_of(std::begin(known), std::end(known),
                       [&](std::string_view one) { return code.starts_with(one); });
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
    /// `has_code`: the answer is one of AWS.
    error_info by_status(bool has_code) const {
        if (from_->status >= 300 && from_->status < 400)
            return of(error_kind::redirect, "a redirect, which is never followed");
        auto code = has_code ? code_of(from_->body) : std::string();
        bool const later = base::asks_for_later(from_->status) || says_later(code);
        auto why =
            std::string(later ? "no token is available now" : "an unexpected status instead of a token");
        if (!code.empty()) why += " (" + code + ")";
        auto info = of(later ? error_kind::unavailable : error_kind::http, why);
        info.service_code = std::move(code);
        return info;
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
    if (from.status != 200) return refused.by_status(part.is_document);
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
