#include "tool/token_forms.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/variable.hpp"
#include "tool/ascii_json.hpp"
#include "tool/our_words.hpp"

#include <boost/assert.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace equinix::sts::tool {
namespace {

namespace json = boost::json;

std::string as_json(token const& got, std::string_view from) {
    json::object line;
    line["access_token"] = json::string_view(got.access_token.reveal());
    line["token_type"] = got.token_type;
    if (!got.issued_token_type.empty()) line["issued_token_type"] = got.issued_token_type;
    if (got.expires_in) line["expires_in"] = got.expires_in->count();
    if (!from.empty() && got.expires) { // it may be old
        auto const left = got.expires->steady - std::chrono::steady_clock::now();
        line["expires_in"] =
            std::max<std::int64_t>(std::chrono::floor<std::chrono::seconds>(left).count(), 0);
    }
    if (got.scope) line["scope"] = *got.scope;
    if (got.proof_key()) line["jkt"] = got.proof_key()->thumbprint();
    if (!from.empty()) line["from"] = json::string_view(from);
    return ascii_json(line);
}

/// Of another category than the library's, which repeats the kind.
void put_code(json::object& to, boost::system::error_code code) {
    if (code.category() != error_category())
        to["code"] = {{"category", code.category().name()}, {"value", code.value()}};
}

json::array as_json(std::vector<attempt_error> const& earlier) {
    json::array all;
    for (auto const& one : earlier) {
        json::object attempt;
        attempt["kind"] = json::string_view(to_string(one.kind));
        attempt["phase"] = json::string_view(to_string(one.phase));
        put_code(attempt, one.code);
        if (one.http_status != 0) attempt["http_status"] = one.http_status;
        attempt["elapsed_ms"] = std::chrono::floor<std::chrono::milliseconds>(one.elapsed).count();
        all.push_back(std::move(attempt));
    }
    return all;
}

/// `NAME=token`, for `export`, for a file of variables and for `$GITHUB_ENV`, each with quoting of its own.
std::string as_variable(token const& got, std::string const& name) {
    auto const text = got.access_token.reveal();
    bool const is_plain = base::all_of(text, [](char c) {
        return base::is_alphanumeric(c) || std::string_view("-._~+/=").find(c) != std::string_view::npos;
    });
    if (!is_plain)
        base::refuse("--output env: the token has a character that not every reader takes literally: use "
                     "--output token");
    return name + "=" + std::string(text);
}

/// A line of a file that curl reads: in its quotes, a backslash escapes.
std::string for_curl(std::string_view header) {
    std::string line = "header = \"";
    for (char const c : header) {
        if (c == '"' || c == '\\') line += '\\';
        line += c;
    }
    return line + '"';
}

/// As RFC 3339 says it.
std::string utc(std::chrono::system_clock::time_point at) {
    auto const day = std::chrono::floor<std::chrono::days>(at);
    std::chrono::year_month_day const date(day);
    std::chrono::hh_mm_ss const time(std::chrono::floor<std::chrono::seconds>(at - day));
    char text[64];
    std::snprintf(text, sizeof(text),
                  "%04d-%02u-%02uT%02d:%02d:%02dZ", // NOLINT(cppcoreguidelines-pro-type-vararg)
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
    return text;
}

/// The version of Kubernetes's interface that its client asks for. The answer must be of the same.
std::string credential_version() {
    constexpr char const* versions[] = {"client.authentication.k8s.io/v1",
                                        "client.authentication.k8s.io/v1beta1"};
    auto const asked = base::variable("KUBERNETES_EXEC_INFO");
    if (asked.empty()) return versions[0];
    boost::system::error_code failed;
    auto const info = json::parse(asked, failed);
    auto const* const object = failed ? nullptr : info.if_object();
    auto const* const version = object == nullptr ? nullptr : object->if_contains("apiVersion");
    for (auto const* const known : versions)
        if (version != nullptr && version->is_string() && version->get_string() == known) return known;
    base::refuse_option(
        "KUBERNETES_EXEC_INFO",
        std::string("KUBERNETES_EXEC_INFO asks for no supported version of ExecCredential: ") + versions[0] +
            " or " + versions[1]);
}

std::string as_exec_credential(token const& got) {
    if (!got.authorization().reveal().starts_with("Bearer "))
        base::refuse(
            "--output exec-credential: Kubernetes sends bearer tokens, and this one is bound to a key: omit "
            "--dpop");
    json::object status;
    if (got.expires) status["expirationTimestamp"] = utc(got.expires->system);
    status["token"] = json::string_view(got.access_token.reveal());
    json::object all;
    all["apiVersion"] = credential_version();
    all["kind"] = "ExecCredential";
    all["status"] = std::move(status);
    return ascii_json(all);
}

} // namespace

void check_form(exchange_arguments const& given) {
    if (given.output == output_form::exec_credential) credential_version();
}

std::string in_form(token const& got, exchange_arguments const& given, std::string_view from) {
    auto const header = [&] { return "Authorization: " + std::string(got.authorization().reveal()); };
    auto const proof = [&] {
        return given.api_url.empty() ? std::string() : "DPoP: " + got.proof(given.api_method, given.api_url);
    };
    switch (given.output) {
    case output_form::json:
        return as_json(got, from);
    case output_form::token:
        return std::string(got.access_token.reveal());
    case output_form::header: {
        auto const second = proof();
        return header() + (second.empty() ? "" : "\n" + second);
    }
    case output_form::env:
        return as_variable(got, given.token_variable.empty() ? usual_token_variable : given.token_variable);
    case output_form::curl_config: {
        auto const second = proof();
        return for_curl(header()) + (second.empty() ? "" : "\n" + for_curl(second));
    }
    case output_form::exec_credential:
        return as_exec_credential(got);
    }
    BOOST_ASSERT(false);
    return {};
}

std::string as_json(error_info const& info, std::string const& url) {
    json::object error;
    error["kind"] = json::string_view(to_string(info.kind));
    error["message"] = in_our_words(info, info.message);
    error["phase"] = json::string_view(to_string(info.phase));
    if (!info.option.empty()) error["option"] = option_in_our_words(info);
    put_code(error, info.code);
    error["http_status"] = info.http_status != 0 ? json::value(info.http_status) : json::value();
    error["oauth_error"] = !info.oauth_error.empty() ? json::value(info.oauth_error) : json::value();
    if (!info.oauth_error_description.empty())
        error["oauth_error_description"] = info.oauth_error_description;
    if (!info.service_code.empty()) error["service_code"] = info.service_code;
    if (!info.service_message.empty()) error["service_message"] = info.service_message;
    if (info.retry_after) error["retry_after"] = info.retry_after->count();
    error["attempts"] = info.attempts;
    if (!info.earlier.empty()) error["earlier"] = as_json(info.earlier);
    error["request_sent"] = info.request_sent;
    error["retryable"] = info.retryable();
    if (!url.empty()) error["url"] = url;
    error["help"] = info.help();
    json::object line;
    line["error"] = std::move(error);
    return ascii_json(line);
}

} // namespace equinix::sts::tool
