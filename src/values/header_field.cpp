#include "values/header_field.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"

#include <equinix/sts/version.hpp>

#include <array>

namespace equinix::sts::values {
namespace {

/// Fields of a tunnel request that this client writes, or that would change the message's framing or the way
/// it is sent. The last one applies if the proxy's URL has credentials.
constexpr std::array<std::string_view, 9> own_in_tunnel = {
    "host", "user-agent", "content-length", "transfer-encoding", "connection",
    "te",   "upgrade",    "expect",         proxy_authorization};

} // namespace

void check_header(std::string_view option, std::string_view name, std::string_view value,
                  std::span<std::string_view const> own) {
    if (name.empty() || !base::all_of(name, base::is_token_char))
        base::refuse(option, ": a field name is empty or contains a character that RFC 9110 does not allow");
    for (auto const one : own)
        if (base::iequals(name, one))
            base::refuse(option, ": '" + std::string(name) + "' is set by the client itself");
    if (!base::all_of(value, base::is_field_char))
        base::refuse(option,
                     ": the value of '" + std::string(name) + "' contains a control or non-ASCII character");
}

void check_proxy_headers(client_options const& options) {
    bool const authorizes = options.proxy && !options.proxy->authorization().empty();
    auto const own = std::span(own_in_tunnel).first(own_in_tunnel.size() - (authorizes ? 0 : 1));
    for (auto const& [name, value] : options.proxy_headers)
        check_header("client_options::proxy_headers", name, value.reveal(), own);
}

std::string user_agent_line(client_options const& options) {
    if (!base::all_of(options.user_agent, [](char c) { return c == ' ' || base::is_visible(c); }))
        base::refuse("client_options::user_agent", " contains a control or non-ASCII character");
    std::string line = "User-Agent: ";
    if (!options.user_agent.empty()) line += options.user_agent + " ";
    return line + "equinix-sts-cpp/" EQUINIX_STS_VERSION "\r\n";
}

} // namespace equinix::sts::values
