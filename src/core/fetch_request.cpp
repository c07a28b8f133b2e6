#include "core/fetch_request.hpp"

#include "base/characters.hpp"
#include "values/header_field.hpp"

#include <algorithm>
#include <array>

namespace equinix::sts::core {
namespace {

constexpr std::array<std::string_view, 11> own_fields = {
    "host",   "user-agent", "accept",  "accept-encoding", "connection",       "content-length",
    "expect", "te",         "trailer", "upgrade",         "transfer-encoding"};

} // namespace

void check_headers(std::span<secret_header const> headers) {
    for (auto const& [name, value] : headers)
        values::check_header("http_options::headers", name, value.reveal(), own_fields);
}

base::wiped_buffer fetch_request(fetch_target const& what, client_options const& options,
                                 std::span<secret_header const> headers, std::string_view body) {
    check_headers(headers);
    auto const user_agent = values::user_agent_line(options);
    auto const length = std::to_string(body.size());
    bool const is_typed = std::any_of(headers.begin(), headers.end(), [](secret_header const& one) {
        return base::iequals(one.first, "Content-Type");
    });
    auto const write = [&](auto sink) {
        for (std::string_view const part :
             {std::string_view(what.method), std::string_view(" "), std::string_view(what.target),
              std::string_view(" HTTP/1.1\r\nHost: "), std::string_view(what.authority),
              std::string_view("\r\n"), std::string_view(user_agent), std::string_view("Accept: "),
              std::string_view(what.accept), std::string_view("\r\nConnection: close\r\n")})
            sink(part);
        for (auto const& [name, value] : headers)
            for (std::string_view const part :
                 {std::string_view(name), std::string_view(": "), value.reveal(), std::string_view("\r\n")})
                sink(part);
        if (what.method != "GET")
            for (std::string_view const part :
                 {std::string_view("Content-Length: "), std::string_view(length), std::string_view("\r\n")})
                sink(part);
        if (!body.empty() && !is_typed) sink("Content-Type: application/json\r\n");
        sink("\r\n");
        sink(body);
    };
    std::size_t size = 0;
    write([&](std::string_view part) { size += part.size(); });
    base::wiped_buffer out;
    out.reserve(size);
    write([&](std::string_view part) { base::append(out, part); });
    return out;
}

} // namespace equinix::sts::core
