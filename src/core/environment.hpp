// Variables of the environment, and the names that users of the service set already.
#pragma once

#include <cstdlib>
#include <string_view>

namespace equinix::sts::core {

/// The value; empty when it is unset. Valid until the environment is changed.
inline std::string_view variable(char const* name) noexcept {
    auto const* const value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nothing here changes it
    return value == nullptr ? std::string_view() : std::string_view(value);
}

namespace variables {
inline constexpr char endpoint[] = "EQUINIX_STS_ENDPOINT";
inline constexpr char scope[] = "EQUINIX_TOKEN_EXCHANGE_SCOPE";
inline constexpr char subject_token_name[] = "EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN_ENV_VAR";
inline constexpr char subject_token[] = "EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN";
inline constexpr char timeout[] = "EQUINIX_API_TIMEOUT";
inline constexpr char client_id[] = "EQUINIX_STS_CLIENT_ID";
inline constexpr char client_secret[] = "EQUINIX_STS_CLIENT_SECRET";
/// Of another service at another host. They are never sent: to have them in the environment is no wish to
/// show them to this one.
inline constexpr char foreign_client_id[] = "EQUINIX_API_CLIENTID";
inline constexpr char foreign_client_secret[] = "EQUINIX_API_CLIENTSECRET";
} // namespace variables

} // namespace equinix::sts::core
