// What the variables say of a client, one value each: a command may have an option in place of one.
#pragma once

#include "core/environment.hpp"
#include "core/failure.hpp"
#include "core/without_query.hpp"

#include <equinix/sts/endpoint.hpp>

#include <charconv>
#include <chrono>
#include <optional>
#include <string>

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

} // namespace equinix::sts::core
