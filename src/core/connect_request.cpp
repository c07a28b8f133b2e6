#include "core/connect_request.hpp"

#include "core/base64.hpp"
#include "core/characters.hpp"
#include "core/header_field.hpp"

#include <algorithm>
#include <array>

namespace equinix::sts::core {
namespace {

constexpr std::string_view authorization_field = "Proxy-Authorization";

/// Fields that this client writes, or that would change the framing of the message or how it is sent. The
/// last one counts where the proxy's URL has credentials.
constexpr std::array<std::string_view, 9> own_fields = {
    "host", "user-agent", "content-length", "transfer-encoding", "connection",
    "te",   "upgrade",    "expect",         authorization_field};

bool has_credentials(client_options const& options) {
    return options.proxy && !options.proxy->authorization().empty();
}

} // namespace

void check_proxy_headers(client_options const& options) {
    auto const own = std::span(own_fields).first(own_fields.size() - (has_credentials(options) ? 0 : 1));
    for (auto const& [name, value] : options.proxy_headers)
        check_header("client_options::proxy_headers", name, value.reveal(), own);
}

wiped_buffer connect_request(std::string_view host, std::uint16_t port, client_options const& options) {
    bool const bracketed = host.find(':') != std::string_view::npos;
    auto const target =
        (bracketed ? "[" + std::string(host) + "]" : std::string(host)) + ":" + std::to_string(port);
    wiped_buffer out;
    auto const write = [&](auto const&... parts) { (append(out, parts), ...); };
    write("CONNECT ", target, " HTTP/1.1\r\nHost: ", target, "\r\n", user_agent_line(options));
    if (has_credentials(options))
        write(authorization_field, ": ", options.proxy->authorization().reveal(), "\r\n");
    for (auto const& [name, value] : options.proxy_headers)
        write(name, ": ", value.reveal(), "\r\n");
    write("\r\n");
    return out;
}

bool gives_proxy_credentials(client_options const& options) {
    auto const& more = options.proxy_headers;
    return has_credentials(options) || std::any_of(more.begin(), more.end(), [](auto const& field) {
               return iequals(field.first, authorization_field);
           });
}

std::vector<wiped_buffer> proxy_secrets(client_options const& options) {
    std::vector<wiped_buffer> all;
    auto const add = [&](std::string_view text) {
        if (!text.empty()) append(all.emplace_back(), text);
    };
    auto const add_basic = [&](std::string_view value) { // as it is decoded, too
        constexpr std::string_view scheme = "Basic ";
        if (!iequals(value.substr(0, scheme.size()), scheme)) return;
        auto const encoded = value.substr(scheme.size());
        add(encoded);
        if (auto const pair = base64_decode(encoded)) {
            add(view(*pair));
            add(view(*pair).substr(view(*pair).find(':') + 1)); // a short password counts only as a whole
        }
    };
    for (auto const& field : options.proxy_headers) {
        add(field.second.reveal());
        add_basic(field.second.reveal());
    }
    if (has_credentials(options)) add_basic(options.proxy->authorization().reveal());
    return all;
}

} // namespace equinix::sts::core
