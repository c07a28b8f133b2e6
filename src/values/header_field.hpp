// What a header field that the user provides may contain.
#pragma once

#include <equinix/sts/options.hpp>

#include <span>
#include <string>
#include <string_view>

namespace equinix::sts::values {

/// Throws `error` of kind `config` that names `option` and the field, never its value, when the field cannot
/// be sent or is one of `own`, which this client writes itself.
void check_header(std::string_view option, std::string_view name, std::string_view value,
                  std::span<std::string_view const> own);

/// Throws `error` of kind `config`, which names the field and never its value, when one of
/// `client_options::proxy_headers` cannot be sent or is written by this client.
void check_proxy_headers(client_options const& options);

/// The field with which a client authenticates to a proxy (RFC 9110 section 11.7.2).
inline constexpr std::string_view proxy_authorization = "Proxy-Authorization";

/// The `User-Agent` line. Throws `error` of kind `config` when `client_options::user_agent` cannot be sent.
std::string user_agent_line(client_options const& options);

} // namespace equinix::sts::values
