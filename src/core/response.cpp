#include "core/response.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/http_date.hpp"
#include "base/redact.hpp"
#include "core/json_members.hpp"

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
    return base::iequals(type, "application/json") || base::iequals(type, "text/json") ||
           (type.size() > suffix.size() && base::iequals(type.substr(type.size() - suffix.size()), suffix));
}

bool is_coded(answer const& from) {
    return !from.content_encoding.empty() && !base::iequals(from.content_encoding, "identity");
}

error_info with_status(answer const& from, judgement_context const& context, error_kind kind, phase where,
                       std::string message) {
    auto info = base::failure(kind, where, std::move(message));
    info.http_status = from.status;
    auto const now = std::chrono::floor<seconds>(context.received.system);
    info.retry_after = base::parse_retry_after(from.retry_after, now);
    return info;
}

error_info malformed(answer const& from, judgement_context const& context, std::string why) {
    return with_status(from, context, error_kind::malformed, phase::parse,
                       "the response is not a token response: " + std::move(why));
}

/// A lifetime that was read: the time; nothing if the service named none; or that it is ill-formed.
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
            base::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-'; });
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

/// The scheme in which a token is used.
struct token_type_read {
    std::string_view name;
    std::string_view wrong; ///< why it is unusable here; otherwise empty
};

/// RFC 6749 section 7.1, RFC 8693 section 2.2.1.
token_type_read read_token_type(json_member const& given, judgement_context const& context) {
    if (!given.is_text()) return {{}, "token_type is missing or not a string"};
    if (base::iequals(given.value, "Bearer")) {
        if (!context.demands_proof) return {"Bearer", {}};
        return {{},
                "token_type is Bearer, but the request requires a token that is bound to a key "
                "(dpop_binding::required)"};
    }
    bool const other_wanted = context.token_exchange && context.expected_type != token_types::access_token;
    if (base::iequals(given.value, no_access_token)) {
        if (other_wanted) return {no_access_token, {}};
        return {{}, "token_type is N_A: this is not the access token that was requested"};
    }
    if (base::iequals(given.value, "DPoP")) {
        if (context.proves) return {"DPoP", {}};
        return {{},
                "token_type is DPoP: only a client that proves possession of a key can use such a token; set "
                "exchange_request::proof() (RFC 9449 section 5)"};
    }
    return {{}, "token_type is neither Bearer nor DPoP"};
}

bool type_required(judgement_context const& context) {
    return context.policy == issued_token_type_policy::require ||
           (context.policy == issued_token_type_policy::by_grant && context.token_exchange);
}

result<token> judge_success(answer const& from, judgement_context const& context) {
    auto const refused = [&](std::string why) { return malformed(from, context, std::move(why)); };
    if (is_coded(from)) return refused("it has a content coding that was not requested");
    auto const media = media_type(from.content_type);
    if (!media.empty() && !base::iequals(media, "application/json") && !base::iequals(media, "text/json"))
        return refused("its media type is not application/json");
    auto members = read_members(from.body);
    if (!members) return refused("its body is not a single JSON object, or contains a member twice");
    bool const empty_error = members->error.is_text() && members->error.value.empty();
    if (members->error.present() && !empty_error)
        return refused("it has a success status, but contains an OAuth error");

    auto const& access = members->access_token;
    if (!access.is_text() || access.value.empty())
        return refused("access_token is missing, empty or not a string");
    if (!base::all_visible(access.value))
        return refused("access_token contains a character that a header cannot carry");
    auto const type = read_token_type(members->token_type, context);
    if (!type.wrong.empty()) return refused(std::string(type.wrong));

    auto const& issued = members->issued_token_type;
    if (context.policy != issued_token_type_policy::ignore) {
        if (!issued.is_text() && type_required(context))
            return refused("issued_token_type is missing or not a string (client_options::issued_token_type "
                           "relaxes this)");
        if (context.token_exchange && issued.is_text() && issued.value != context.expected_type)
            return refused("issued_token_type is not the type that was requested");
    }
    auto const lives = read_lifetime(members->expires_in);
    if (lives.ill_formed) return refused("expires_in is not a number");

    token out;
    out.token_type = type.name;
    out.set_access_token(access.value);
    if (issued.is_text()) out.issued_token_type = issued.value;
    if (members->scope.is_text()) out.scope.emplace(members->scope.value);
    out.expires_in = lives.value;
    out.requested = context.requested;
    out.received = context.received;
    if (lives.value)
        out.expires =
            time_stamp{context.requested.steady + *lives.value, context.requested.system + *lives.value};
    return out;
}

constexpr std::string_view usual_path = "/use/token";
constexpr std::string_view v1_path = "/v1/token";

/// What may be wrong with the endpoint's URL, as an addition to a message; empty if nothing suggests it.
std::string about_url(unsigned status, std::string_view target) {
    auto const path = target.substr(0, target.find('?'));
    bool const not_there = status == 404 || status == 405 || status == 410;
    if (path == "/")
        return "; the endpoint's URL has no path: the token operation is at " + std::string(usual_path) +
               " or at " + std::string(v1_path);
    if (!not_there) return {};
    if (path == usual_path || path == v1_path) {
        bool const usual = path == usual_path;
        return "; the endpoint's URL has the path " + std::string(usual ? usual_path : v1_path) +
               ": the token operation is also at " + std::string(usual ? v1_path : usual_path);
    }
    return "; check the endpoint's URL, whose path is " + std::string(path) + ": the token operation is at " +
           std::string(usual_path) + " or at " + std::string(v1_path);
}

/// A clock that is off, if that may be why something that was signed is refused; otherwise empty.
std::string about_clock(answer const& from, judgement_context const& context) {
    constexpr seconds tolerance(30);
    if (!context.is_signed || from.date.empty()) return {};
    auto const ours = std::chrono::floor<seconds>(context.received.system);
    auto const theirs = base::parse_http_date(from.date, ours);
    if (!theirs || std::chrono::abs(ours - *theirs) <= tolerance) return {};
    return "; this machine's clock is " + std::to_string(std::chrono::abs(ours - *theirs).count()) + " s " +
           (ours > *theirs ? "ahead of" : "behind") +
           " the server's, and the client's proofs and assertions contain the time: correct the clock";
}

/// Which part of the request is at fault, if the error says so.
std::string refused_part(std::string const& oauth_error, judgement_context const& context) {
    if (oauth_error != "invalid_scope" || context.scope.empty()) return "request";
    return "scope '" + base::printable(context.scope, context.secrets, 256) + "'";
}

/// `printable` of the first of these that is a text.
std::string first_text(std::initializer_list<json_member const*> from, judgement_context const& context) {
    for (auto const* const one : from)
        if (one->is_text()) return base::printable(one->value, context.secrets);
    return {};
}

error_info judge_error(answer const& from, judgement_context const& context) {
    // Without a media type, an error page is as likely as an error object: only a 200 is parsed then.
    std::optional<json_members> members;
    if (is_json(media_type(from.content_type)) && !is_coded(from)) members = read_members(from.body);
    if (members && members->error.is_text() && !members->error.value.empty()) {
        auto oauth_error = base::printable(members->error.value, context.secrets, 128);
        auto info = with_status(from, context, error_kind::oauth, phase::oauth,
                                "the service refused the " + refused_part(oauth_error, context) +
                                    about_clock(from, context));
        info.oauth_error = std::move(oauth_error);
        info.oauth_error_description = first_text({&members->error_description}, context);
        info.oauth_error_uri = first_text({&members->error_uri}, context);
        return info;
    }
    std::string code, message;
    if (members) {
        code = base::printable(members->error_code.value, context.secrets, 128);
        message = first_text({&members->error_message, &members->message, &members->details}, context);
    }
    bool const explained = !code.empty() || !message.empty();
    auto const hint = about_url(from.status, context.target);
    auto info = error_info();
    if (base::asks_for_later(from.status)) {
        info = with_status(from, context, error_kind::unavailable, phase::parse,
                           "the service or a gateway in front of it is temporarily unavailable");
    } else if (explained) {
        info =
            with_status(from, context, error_kind::http, phase::oauth,
                        "the service or a gateway in front of it refused the request with an error that is "
                        "not an OAuth error" +
                            hint);
    } else {
        auto const type = base::printable(media_type(from.content_type), context.secrets, 64);
        info = with_status(from, context, error_kind::http, phase::parse,
                           "an unexpected status with media type '" + type + "' and without an OAuth error" +
                               hint);
    }
    info.service_code = std::move(code);
    info.service_message = std::move(message);
    return info;
}

} // namespace

bool may_quote(answer const& from) noexcept {
    return from.status >= 400;
}

result<token> judge(answer const& from, judgement_context const& context) {
    if (from.status == 200) return judge_success(from, context);
    if (from.status == 204 || from.status == 205) return malformed(from, context, "it has no body");
    if (from.status >= 300 && from.status < 400)
        return with_status(from, context, error_kind::redirect, phase::parse,
                           "the endpoint redirects, and redirects are never followed: set the final URL");
    if (from.status >= 400) return judge_error(from, context);
    return with_status(from, context, error_kind::http, phase::parse, "an unexpected success status");
}

} // namespace equinix::sts::core
