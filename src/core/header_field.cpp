#include "core/header_field.hpp"

#include "core/characters.hpp"
#include "core/failure.hpp"

#include <equinix/sts/version.hpp>

namespace equinix::sts::core {

void check_header(std::string_view option, std::string_view name, std::string_view value,
                  std::span<std::string_view const> own) {
    auto const where = std::string(option) + ": ";
    if (name.empty() || !all_of(name, is_token_char))
        refuse(where + "a field name is empty or has a character outside RFC 9110's tokens");
    for (auto const one : own)
        if (iequals(name, one)) refuse(where + "'" + std::string(name) + "' is written by the client itself");
    if (!all_of(value, is_field_char))
        refuse(where + "the value of '" + std::string(name) + "' has a control or non-ASCII character");
}

std::string user_agent_line(client_options const& options) {
    if (!all_of(options.user_agent, [](char c) { return c == ' ' || is_visible(c); }))
        refuse("client_options::user_agent has a control or non-ASCII character");
    std::string line = "User-Agent: ";
    if (!options.user_agent.empty()) line += options.user_agent + " ";
    return line + "equinix-sts-cpp/" EQUINIX_STS_VERSION "\r\n";
}

} // namespace equinix::sts::core
