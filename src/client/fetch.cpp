#include "client/fetch.hpp"

#include "core/characters.hpp"
#include "core/failure.hpp"
#include "core/http_date.hpp"
#include "core/json_members.hpp"

namespace equinix::sts::client_detail {
namespace {

error_info failed(core::answer const& from, error_kind kind, std::string_view why) {
    auto info = core::failure(kind, phase::parse, why);
    info.http_status = from.status;
    auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    info.retry_after = core::parse_retry_after(from.retry_after, now);
    return info;
}

error_info no_token(core::answer const& from, std::string_view why) {
    return failed(from, error_kind::malformed, "the answer holds no token: " + std::string(why));
}

/// Why there is no token in an answer of this status.
error_info by_status(core::answer const& from) {
    if (from.status >= 300 && from.status < 400)
        return failed(from, error_kind::redirect, "a redirection, which is never followed");
    if (core::asks_for_later(from.status))
        return failed(from, error_kind::unavailable, "the token cannot be had now");
    return failed(from, error_kind::http, "an unexpected status in place of a token");
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    auto const begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// What is wrong with a token; empty when nothing is.
std::string_view wrong_with(std::string_view token) {
    constexpr std::size_t longest = std::size_t(64) * 1024;
    if (token.empty()) return "it is empty";
    if (token.size() > longest) return "it is longer than 64 KiB";
    if (!core::all_visible(token)) return "it has a blank or another character that none has";
    return {};
}

} // namespace

fetch::fetch(core::wiped_buffer request, std::string json_member)
    : request_(std::move(request)), json_member_(std::move(json_member)) {}

bool fetch::judge(core::answer const& answer) {
    auto const refuse = [&](error_info why) {
        failure = std::move(why);
        return false;
    };
    if (answer.status != 200) return refuse(by_status(answer));
    if (!answer.content_encoding.empty() && !core::iequals(answer.content_encoding, "identity"))
        return refuse(no_token(answer, "it has a content coding that was not asked for"));
    std::optional<core::json_member> member;
    if (!json_member_.empty()) {
        member = core::read_member(answer.body, json_member_);
        if (!member)
            return refuse(no_token(answer, "it is no JSON object, or names '" + json_member_ + "' twice"));
        if (!member->is_text())
            return refuse(no_token(answer, "its member '" + json_member_ + "' is missing or no string"));
    }
    auto const token = trimmed(member ? member->value : answer.body);
    if (auto const wrong = wrong_with(token); !wrong.empty()) return refuse(no_token(answer, wrong));
    got = secret(token);
    return true;
}

} // namespace equinix::sts::client_detail
