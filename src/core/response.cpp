#include "core/response.hpp"

#include "core/characters.hpp"
#include "core/failure.hpp"
#include "core/http_date.hpp"
#include "core/json_members.hpp"
#include "core/redact.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace equinix::sts::core {
namespace {

using std::chrono::seconds;

constexpr double longest_lifetime = 100.0 * 365 * 24 * 3600;

std::string_view media_type(std::string_view content_type) {
    auto const end = content_type.find_first_of("; \t");
    return content_type.substr(0, end);
}

/// `application/json` and, for errors, its `+json` relatives such as `application/problem+json`.
bool is_json(std::string_view type) {
    constexpr std::string_view suffix = "+json";
    return iequals(type, "application/json") || iequals(type, "text/json") ||
           (type.size() > suffix.size() && iequals(type.substr(type.size() - suffix.size()), suffix));
}

bool is_coded(answer const& from) {
    return !from.content_encoding.empty() && !iequals(from.content_encoding, "identity");
}

error_info with_status(answer const& from, judgement_context const& context, error_kind kind, phase where,
                       std::string message) {
    auto info = failure(kind, where, std::move(message));
    info.http_status = from.status;
    auto const now = std::chrono::floor<seconds>(context.received.system);
    info.retry_after = parse_retry_after(from.retry_after, now);
    return info;
}

error_info malformed(answer const& from, judgement_context const& context, std::string why) {
    return with_status(from, context, error_kind::malformed, phase::parse,
                       "the answer is no token response: " + std::move(why));
}

/// A lifetime that was read: the time, nothing when the service named none, or that it is ill-formed.
struct lifetime {
    std::optional<seconds> value;
    bool ill_formed = false;
};

lifetime read_lifetime(json_member const& member) {
    double number = member.number;
    switch (member.is) {
    case json_member::type::absent:
    case json_member::type::null:
        return {};
    case json_member::type::number:
        break;
    case json_member::type::text: { // "3600", as some servers write it
        auto const text = member.value;
        auto const* const begin = text.data();
        auto const* const end = begin + text.size();
        auto const read = std::from_chars(begin, end, number, std::chars_format::fixed);
        bool const digits =
            all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-'; });
        if (!digits || read.ptr != end || read.ec != std::errc()) return {std::nullopt, true};
        break;
    }
    case json_member::type::other:
        return {std::nullopt, true};
    }
    if (std::isnan(number)) return {std::nullopt, true};
    // Clamped before the cast: a double beyond the range of an integer has no defined value there.
    auto const clamped = std::clamp(std::floor(number), 0.0, longest_lifetime);
    return {seconds(static_cast<seconds::rep>(clamped)), false};
}

bool type_required(judgement_context const& context) {
    return context.policy == issued_token_type_policy::require ||
           (context.policy == issued_token_type_policy::by_grant && context.token_exchange);
}

result<token> judge_success(answer const& from, judgement_context const& context) {
    auto const refused = [&](std::string why) { return malformed(from, context, std::move(why)); };
    if (is_coded(from)) return refused("it has a content coding that was not asked for");
    auto const type = media_type(from.content_type);
    if (!type.empty() && !iequals(type, "application/json") && !iequals(type, "text/json"))
        return refused("its media type is not application/json");
    auto members = read_members(from.body);
    if (!members) return refused("its body is not one JSON object, or names a member twice");
    if (members->error.present()) return refused("a success status with an OAuth error in it");

    auto const& access = members->access_token;
    if (!access.is_text() || access.value.empty())
        return refused("access_token is missing, empty or no string");
    if (!all_visible(access.value))
        return refused("access_token has a character that may not stand in a header");
    if (!members->token_type.is_text() || !iequals(members->token_type.value, "Bearer"))
        return refused("token_type is missing or is not Bearer");

    auto const& issued = members->issued_token_type;
    if (context.policy != issued_token_type_policy::ignore) {
        if (issued.present() && !issued.is_text()) return refused("issued_token_type is no string");
        if (!issued.present() && type_required(context))
            return refused("issued_token_type is missing (client_options::issued_token_type relaxes this)");
        if (context.token_exchange && issued.present() && issued.value != context.expected_type)
            return refused("issued_token_type is not the type that was asked for");
    }
    auto const& scope = members->scope;
    if (scope.present() && !scope.is_text()) return refused("scope is no string");
    auto const lives = read_lifetime(members->expires_in);
    if (lives.ill_formed) return refused("expires_in is no number");

    token out;
    out.set_access_token(access.value);
    out.token_type = "Bearer";
    if (issued.is_text()) out.issued_token_type = issued.value;
    if (scope.is_text()) out.scope.emplace(scope.value);
    out.expires_in = lives.value;
    out.requested = context.requested;
    out.received = context.received;
    if (lives.value)
        out.expires =
            time_stamp{context.requested.steady + *lives.value, context.requested.system + *lives.value};
    return out;
}

error_info judge_error(answer const& from, judgement_context const& context) {
    // Without a media type an error page is as likely as an error object: only a 200 is given the benefit.
    std::optional<json_members> members;
    if (is_json(media_type(from.content_type)) && !is_coded(from)) members = read_members(from.body);
    if (members && members->error.is_text() && !members->error.value.empty()) {
        auto info =
            with_status(from, context, error_kind::oauth, phase::oauth, "the service refused the request");
        info.oauth_error = printable(members->error.value, context.secrets, 128);
        info.oauth_error_description = printable(members->error_description.value, context.secrets);
        info.oauth_error_uri = printable(members->error_uri.value, context.secrets);
        return info;
    }
    if (asks_for_later(from.status))
        return with_status(from, context, error_kind::unavailable, phase::parse,
                           "the service or a gateway in front of it cannot answer now");
    auto const type = printable(media_type(from.content_type), context.secrets, 64);
    return with_status(from, context, error_kind::http, phase::parse,
                       "an unexpected status, of media type '" + type +
                           "', without an OAuth error; check the endpoint's URL");
}

} // namespace

result<token> judge(answer const& from, judgement_context const& context) {
    if (from.status == 200) return judge_success(from, context);
    if (from.status == 204 || from.status == 205) return malformed(from, context, "it has no body");
    if (from.status >= 300 && from.status < 400)
        return with_status(from, context, error_kind::redirect, phase::parse,
                           "the endpoint redirects, which is never followed; set its final URL");
    if (from.status >= 400) return judge_error(from, context);
    return with_status(from, context, error_kind::http, phase::parse, "an unexpected success status");
}

} // namespace equinix::sts::core
