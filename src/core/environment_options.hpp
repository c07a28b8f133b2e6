// What the variables say of a client, one value each: a command may have an option in place of one.
#pragma once

#include "core/environment.hpp"
#include "core/failure.hpp"
#include "core/secret_text.hpp"
#include "core/without_query.hpp"

#include <equinix/sts/endpoint.hpp>
#include <equinix/sts/exchange_request.hpp>

#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace equinix::sts::core {

/// Nothing when the variable is unset. Throws `error` of kind `config`, as the next.
inline std::optional<sts::endpoint> endpoint_from_environment() {
    auto const base = variable(variables::endpoint);
    if (base.empty()) return std::nullopt;
    return made_from(variables::endpoint, [&] {
        sts::endpoint const whole(base);
        return without_query(whole.target()).ends_with("/token") ? whole : sts::endpoint::from_base(base);
    });
}

inline std::optional<std::chrono::seconds> timeout_from_environment() {
    auto const text = variable(variables::timeout);
    if (text.empty()) return std::nullopt;
    long seconds = 0;
    auto const* const begin = text.data();
    auto const* const end = begin + text.size();
    auto const read = std::from_chars(begin, end, seconds);
    constexpr long most = 1'000'000'000;
    if (read.ec != std::errc() || read.ptr != end || seconds < 1 || seconds > most)
        refuse(std::string(variables::timeout) + " must be a whole number of seconds, at least 1");
    return std::chrono::seconds(seconds);
}

/// Whether the environment speaks of a token exchange.
inline bool environment_has_exchange() noexcept {
    return !variable(variables::scope).empty() || !variable(variables::subject_token_name).empty() ||
           !variable(variables::subject_token).empty();
}

/// What to say beside the want of credentials when those of another service are there; else empty.
inline std::string about_foreign_credentials() {
    if (variable(variables::foreign_client_id).empty() && variable(variables::foreign_client_secret).empty())
        return {};
    return std::string("; ") + variables::foreign_client_id + " and " + variables::foreign_client_secret +
           " are credentials for the token service at https://api.equinix.com/oauth2/v1/token and are not "
           "sent to "
           "the STS: for a client that is registered with the STS set " +
           variables::client_id + " and " + variables::client_secret;
}

/// Empty when the variable is unset. Throws `error` of kind `config`, as the next.
inline secret client_secret_from_environment() {
    auto const given = variable(variables::client_secret);
    if (given.empty()) return {};
    auto const read = read_secret(given);
    if (!read.wrong.empty()) refuse(std::string(variables::client_secret) + " " + std::string(read.wrong));
    return secret(read.value);
}

/// Client credentials.
inline client_authentication authentication_from_environment() {
    auto const id = variable(variables::client_id);
    auto client_secret = client_secret_from_environment();
    if (id.empty() || client_secret.empty())
        refuse(std::string(variables::client_id) + " and " + variables::client_secret + " go together");
    return made_from(variables::client_id, [&] {
        return client_authentication::secret_basic(std::string(id), std::move(client_secret));
    });
}

} // namespace equinix::sts::core
