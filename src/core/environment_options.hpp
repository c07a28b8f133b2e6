// What the variables say of a client, one value each: a command may have an option in place of one.
#pragma once

#include "core/environment.hpp"
#include "core/failure.hpp"

#include <equinix/sts/endpoint.hpp>

#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts::core {

/// Makes a value; when it is refused the message says which variable it came from.
template <class Make>
auto from_variable(char const* name, Make make) {
    try {
        return make();
    } catch (error const& refused) {
        refuse(std::string(name) + ": " + refused.info().message);
    }
}

/// Nothing when the variable is unset. Throws `error` of kind `config`, as the next.
inline std::optional<sts::endpoint> endpoint_from_environment() {
    auto const base = variable(variables::endpoint);
    if (base.empty()) return std::nullopt;
    return from_variable(variables::endpoint, [&] {
        sts::endpoint const whole(base);
        auto const path = std::string_view(whole.target()).substr(0, whole.target().find('?'));
        return path.ends_with("/token") ? whole : sts::endpoint::from_base(base);
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
