// The variables that users of the service set already, and what they configure, one value each: a command may
// have an option that replaces one.
#pragma once

#include "base/failure.hpp"
#include "base/secret_text.hpp"
#include "base/variable.hpp"
#include "base/without_query.hpp"

#include <equinix/sts/endpoint.hpp>
#include <equinix/sts/exchange_request.hpp>

#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace equinix::sts::values {

namespace variables {
inline constexpr char endpoint[] = "EQUINIX_STS_ENDPOINT";
inline constexpr char scope[] = "EQUINIX_TOKEN_EXCHANGE_SCOPE";
inline constexpr char subject_token_name[] = "EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN_ENV_VAR";
inline constexpr char subject_token[] = "EQUINIX_TOKEN_EXCHANGE_SUBJECT_TOKEN";
inline constexpr char timeout[] = "EQUINIX_API_TIMEOUT";
inline constexpr char client_id[] = "EQUINIX_STS_CLIENT_ID";
inline constexpr char client_secret[] = "EQUINIX_STS_CLIENT_SECRET";
/// Those of another service at another host. They are never sent: having them in the environment is no
/// consent to send them to this service.
inline constexpr char foreign_client_id[] = "EQUINIX_API_CLIENTID";
inline constexpr char foreign_client_secret[] = "EQUINIX_API_CLIENTSECRET";
} // namespace variables

/// Nothing when the variable is unset. Throws `error` of kind `config`, as the next.
inline std::optional<sts::endpoint> endpoint_from_environment() {
    auto const given = base::variable(variables::endpoint);
    if (given.empty()) return std::nullopt;
    return base::made_from(variables::endpoint, [&] {
        sts::endpoint const whole(given);
        return base::without_query(whole.target()).ends_with("/token") ? whole
                                                                       : sts::endpoint::from_base(given);
    });
}

inline std::optional<std::chrono::seconds> timeout_from_environment() {
    auto const text = base::variable(variables::timeout);
    if (text.empty()) return std::nullopt;
    long seconds = 0;
    auto const* const begin = text.data();
    auto const* const end = begin + text.size();
    auto const read = std::from_chars(begin, end, seconds);
    constexpr long most = 1'000'000'000;
    if (read.ec != std::errc() || read.ptr != end || seconds < 1 || seconds > most)
        base::refuse(variables::timeout, " must be a whole number of seconds, at least 1");
    return std::chrono::seconds(seconds);
}

/// Whether the environment configures a token exchange.
inline bool environment_has_exchange() noexcept {
    return !base::variable(variables::scope).empty() ||
           !base::variable(variables::subject_token_name).empty() ||
           !base::variable(variables::subject_token).empty();
}

/// An addition to the error about missing credentials if those of another service are set; otherwise empty.
inline std::string about_foreign_credentials() {
    if (base::variable(variables::foreign_client_id).empty() &&
        base::variable(variables::foreign_client_secret).empty())
        return {};
    return std::string("; ") + variables::foreign_client_id + " and " + variables::foreign_client_secret +
           " are credentials for the token service at https://api.equinix.com/oauth2/v1/token and are not "
           "sent to "
           "the STS: for a client that is registered with the STS, set " +
           variables::client_id + " and " + variables::client_secret;
}

/// Empty when the variable is unset. Throws `error` of kind `config`, as the next.
inline secret client_secret_from_environment() {
    auto const given = base::variable(variables::client_secret);
    if (given.empty()) return {};
    auto const read = base::read_secret(given);
    if (!read.wrong.empty()) base::refuse(variables::client_secret, " " + std::string(read.wrong));
    return secret(read.value);
}

/// The client credentials.
inline client_authentication authentication_from_environment() {
    auto const id = base::variable(variables::client_id);
    auto client_secret = client_secret_from_environment();
    if (id.empty() || client_secret.empty())
        base::refuse_option(id.empty() ? variables::client_id : variables::client_secret,
                            std::string(variables::client_id) + " and " + variables::client_secret +
                                " must be set together");
    return base::made_from(variables::client_id, [&] {
        return client_authentication::secret_basic(std::string(id), std::move(client_secret));
    });
}

} // namespace equinix::sts::values
