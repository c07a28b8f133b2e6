#include "core/request_view.hpp"

#include "base/characters.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <iterator>

namespace equinix::sts::core {
namespace {

constexpr std::string_view line_end = "\r\n";

} // namespace

request_view view_request(std::string_view request) noexcept {
    request_view seen;
    auto const first = request.find(line_end);
    auto const method = request.find(' ');
    auto const target = request.rfind(' ', first);
    auto const head = request.find("\r\n\r\n");
    BOOST_ASSERT(head != std::string_view::npos && method < target && target < first);
    seen.method = request.substr(0, method);
    seen.target = request.substr(method + 1, target - method - 1);
    seen.fields = request.substr(first + line_end.size(), head - first);
    seen.body = request.substr(head + 2 * line_end.size());
    return seen;
}

std::optional<field_view> take_field(std::string_view& fields) noexcept {
    if (fields.empty()) return std::nullopt;
    auto const end = fields.find(line_end);
    auto const colon = fields.find(':');
    BOOST_ASSERT(end != std::string_view::npos && colon < end);
    field_view const one{fields.substr(0, colon), fields.substr(colon + 2, end - colon - 2)};
    fields.remove_prefix(end + line_end.size());
    return one;
}

bool is_host(std::string_view name) noexcept {
    return base::iequals(name, "Host");
}

bool is_of_http1_alone(std::string_view name) noexcept {
    return base::iequals(name, "Connection") || is_host(name);
}

bool may_be_indexed(std::string_view name) noexcept {
    constexpr std::string_view known[] = {"Accept", "Accept-Encoding", "Content-Length", "Content-Type",
                                          "User-Agent"};
    return std::any_of(std::begin(known), std::end(known),
                       [&](std::string_view one) { return base::iequals(name, one); });
}

} // namespace equinix::sts::core
