#include "core/get_request.hpp"

#include "values/header_field.hpp"

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

base::wiped_buffer get_request(get_target const& what, client_options const& options,
                               std::span<secret_header const> headers) {
    check_headers(headers);
    auto const user_agent = values::user_agent_line(options);
    auto const write = [&](auto sink) {
        for (std::string_view const part :
             {std::string_view("GET "), std::string_view(what.target),
              std::string_view(" HTTP/1.1\r\nHost: "), std::string_view(what.authority),
              std::string_view("\r\n"), std::string_view(user_agent), std::string_view("Accept: "),
              std::string_view(what.accept), std::string_view("\r\nConnection: close\r\n")})
            sink(part);
        for (auto const& [name, value] : headers)
            for (std::string_view const part :
                 {std::string_view(name), std::string_view(": "), value.reveal(), std::string_view("\r\n")})
                sink(part);
        sink("\r\n");
    };
    std::size_t size = 0;
    write([&](std::string_view part) { size += part.size(); });
    base::wiped_buffer out;
    out.reserve(size);
    write([&](std::string_view part) { base::append(out, part); });
    return out;
}

} // namespace equinix::sts::core
