// Answers to a token exchange, and what they are judged to be.
#pragma once

#include "core/answer.hpp"
#include "core/response.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/token.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

namespace core = equinix::sts::core;
namespace sts = equinix::sts;

inline constexpr char access_type[] = "urn:ietf:params:oauth:token-type:access_token";

inline core::judgement_context exchange_context() {
    using std::chrono::seconds;
    core::judgement_context context;
    context.requested.steady += seconds(1000);
    context.requested.system += seconds(2000);
    context.received.steady += seconds(1001);
    context.received.system += seconds(2001);
    return context;
}

inline sts::result<sts::token> judge(unsigned status, std::string_view body,
                                     core::judgement_context const& context = exchange_context(),
                                     std::string_view type = "application/json") {
    core::answer answer;
    answer.status = status;
    answer.content_type = type;
    answer.body = body;
    return core::judge(answer, context);
}

/// A good answer with one member replaced, or left out when `value` is empty.
inline std::string with(std::string_view name, std::string_view value) {
    std::vector<std::pair<std::string, std::string>> members = {
        {"access_token", "\"abc\""},
        {"issued_token_type", "\"" + std::string(access_type) + "\""},
        {"token_type", "\"Bearer\""},
        {"expires_in", "3600"}};
    std::string text;
    bool found = false;
    for (auto const& [key, usual] : members) {
        found = found || key == name;
        auto const shown = key == name ? std::string(value) : usual;
        if (!shown.empty()) text += (text.empty() ? "" : ",") + ("\"" + key + "\":" + shown);
    }
    if (!found && !name.empty()) text += ",\"" + std::string(name) + "\":" + std::string(value);
    return "{" + text + "}";
}

inline sts::error_kind kind_of(unsigned status, std::string_view body,
                               std::string_view type = "application/json") {
    auto const judged = judge(status, body, exchange_context(), type);
    BOOST_REQUIRE(judged.has_error());
    BOOST_TEST(judged.error().http_status == status);
    return judged.error().kind;
}

} // namespace test
