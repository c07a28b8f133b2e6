// The body of an answer, judged as a token response and as an error, beside what Boost.JSON's document says.
#include "core/json_members.hpp"
#include "core/response.hpp"
#include "fuzz/target.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace core = equinix::sts::core;
namespace json = boost::json;
namespace sts = equinix::sts;
using namespace test;
using std::chrono::seconds;

sts::result<sts::token> judge(std::string_view body, unsigned status, bool token_exchange) {
    static constexpr std::array<std::string_view, 1> secrets = {canary};
    core::answer answer;
    answer.status = status;
    answer.content_type = "application/json";
    answer.body = body;
    core::judgement_context context;
    context.token_exchange = token_exchange;
    context.secrets = secrets;
    return core::judge(answer, context);
}

/// The text of the member with this name, or with its other one.
std::optional<std::string_view> text_of_member(json::object const& from, std::string_view name,
                                               std::string_view other) {
    auto const* found = from.if_contains(name);
    if (found == nullptr) found = from.if_contains(other);
    if (found == nullptr || !found->is_string()) return std::nullopt;
    return std::string_view(found->get_string().data(), found->get_string().size());
}

/// A text, or texts that are joined; else there is none.
std::optional<std::string> scope_of(json::object const& from) {
    auto const* const found = from.if_contains("scope");
    if (found != nullptr && found->is_string()) return std::string(found->get_string());
    if (found == nullptr || !found->is_array()) return std::nullopt;
    std::string joined;
    for (auto const& one : found->get_array()) {
        if (!one.is_string()) return std::nullopt;
        if (one.get_string().empty()) continue;
        if (!joined.empty()) joined += ' ';
        joined += std::string_view(one.get_string().data(), one.get_string().size());
    }
    return joined.empty() ? std::nullopt : std::optional(joined);
}

void check_token(sts::token const& got, json::value const& document) {
    require(document.is_object(), "a token out of what is no object");
    auto const& object = document.get_object();
    require(text_of_member(object, "access_token", "accessToken") == got.access_token.reveal(),
            "another token than the document's");
    auto const* const lives = object.if_contains("expires_in");
    if (lives != nullptr && lives->is_int64()) {
        constexpr std::int64_t century = std::int64_t(100) * 365 * 24 * 3600;
        auto const expected = std::min(std::max<std::int64_t>(lives->get_int64(), 0), century);
        require(got.expires_in == seconds(expected), "another lifetime than the document's");
    }
    if (got.expires_in)
        require(got.expires && got.expires->steady == got.requested.steady + *got.expires_in,
                "the end is not the lifetime's");
    require(got.scope == scope_of(object), "another scope than the document's");
}

void check_error(sts::error_info const& why, json::value const* document) {
    require_no_canary(why.to_string());
    require_no_canary(why.oauth_error + ' ' + why.oauth_error_description + ' ' + why.oauth_error_uri);
    require_no_canary(why.service_code + ' ' + why.service_message);
    bool const of_the_service = !why.service_code.empty() || !why.service_message.empty();
    if (of_the_service) {
        require(why.kind == sts::error_kind::http, "an error object is taken for something else");
        auto const* const error = document != nullptr && document->is_object()
                                      ? document->get_object().if_contains("error")
                                      : nullptr;
        require(error != nullptr && error->is_object(), "an error object that is not there");
    }
    if (why.kind != sts::error_kind::oauth) return;
    require(document != nullptr && document->is_object(), "an OAuth error out of what is no object");
    auto const text = text_of_member(document->get_object(), "error", "error");
    require(text && !text->empty(), "an OAuth error without a code");
}

} // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const body = text_of(data, size);
    boost::system::error_code ec;
    auto const document = json::parse(body, ec);
    for (bool const token_exchange : {true, false}) {
        auto const success = judge(body, 200, token_exchange);
        require(success.has_value() || success.error().kind == sts::error_kind::malformed,
                "a success is something else");
        if (success.has_value()) {
            require(!ec, "a token out of what is no JSON");
            check_token(*success, document);
        } else {
            check_error(success.error(), nullptr);
        }
        auto const refusal = judge(body, 400, token_exchange);
        require(refusal.has_error(), "a token with an error's status");
        check_error(refusal.error(), ec ? nullptr : &document);
    }
    static std::vector<std::string> const paths[] = {{"value"}, {"data", "token"}, {"value", "0", "value"}};
    for (auto const& path : paths) {
        auto const value = core::read_member(body, path);
        require(!value || (!ec && document.is_object()), "a member out of what is no object");
        if (!value) continue;
        std::string pointer;
        for (auto const& name : path)
            pointer += "/" + name;
        boost::system::error_code not_there;
        auto const* const there = document.find_pointer(pointer, not_there);
        require(value->is_text() == (there != nullptr && there->is_string()),
                "a text in one of the two alone");
        if (value->is_text())
            require(there->get_string() == value->value, "another text than the document's");
    }
    return 0;
}
