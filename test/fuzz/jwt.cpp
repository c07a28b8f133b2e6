// A look at a subject token's times: of any text, and of any text as a token's payload, beside what
// Boost.JSON's document says.
#include "base/base64.hpp"
#include "base/jwt_peek.hpp"
#include "fuzz/target.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace {

namespace base = equinix::sts::base;
namespace json = boost::json;
using namespace test;
using std::chrono::seconds;
using std::chrono::system_clock;

using moment = std::optional<system_clock::time_point>;

void check_range(moment const& read) {
    if (!read) return;
    require(*read >= system_clock::time_point() && *read <= system_clock::time_point(seconds(7'258'118'400)),
            "a time that no clock holds");
}

/// The time that a claim's number stands for: whole seconds, between 1970 and 2200.
moment time_of(json::object const& claims, std::string_view name) {
    auto const* const claim = claims.if_contains(name);
    if (claim == nullptr || !claim->is_number()) return std::nullopt;
    auto const value = claim->to_number<double>();
    if (!std::isfinite(value)) return std::nullopt;
    auto const count = static_cast<std::int64_t>(std::clamp(value, 0.0, 7'258'118'400.0));
    return system_clock::time_point(seconds(count));
}

} // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = text_of(data, size);
    auto const direct = base::peek_jwt(text);
    check_range(direct.issued);
    check_range(direct.expires);

    base::wiped_buffer token;
    base::append(token, "e30.");
    base::base64url_encode(token, text);
    auto const decoded = base::base64url_decode(base::view(token).substr(4));
    require(decoded && base::view(*decoded) == text, "base64url does not come back");
    base::append(token, ".AA");
    auto const times = base::peek_jwt(base::view(token));
    check_range(times.issued);
    check_range(times.expires);
    boost::system::error_code ec;
    auto const claims = json::parse(text, ec);
    if (ec || !claims.is_object()) {
        require(!times.issued && !times.expires, "times out of what is no object");
        return 0;
    }
    require(times.issued == time_of(claims.get_object(), "iat"), "issued at another time than the claim's");
    require(times.expires == time_of(claims.get_object(), "exp"), "expires at another time than the claim's");
    return 0;
}
