#include "core/bounds.hpp"

#include "base/failure.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace equinix::sts::core {
namespace {

/// As in `5 s`, `1.5 s` or `200 ms`.
std::array<char, 32> spelled(std::chrono::nanoseconds time) noexcept {
    std::array<char, 32> text{};
    auto const ms = std::chrono::ceil<std::chrono::milliseconds>(time).count();
    auto const tenths = (ms + 99) / 100;
    if (ms < 1000)
        std::snprintf(text.data(), text.size(), "%lld ms", static_cast<long long>(ms)); // NOLINT: C's format
    else if (tenths % 10 == 0)
        std::snprintf(text.data(), text.size(), "%lld s", static_cast<long long>(tenths / 10)); // NOLINT
    else
        std::snprintf(text.data(), text.size(), "%lld.%lld s", // NOLINT: not %f, whose point is the locale's
                      static_cast<long long>(tenths / 10), static_cast<long long>(tenths % 10));
    return text;
}

/// A name as C's functions take it; the part that a name may have.
std::array<char, 256> cut(std::string_view host) noexcept {
    std::array<char, 256> text{};
    host.copy(text.data(), text.size() - 1);
    return text;
}

/// The texts are made without memory of their own: an error for lack of time must not fail for lack of
/// memory.
template <class... Parts>
error_info over(phase where, char const* format, Parts... parts) noexcept {
    std::array<char, 512> text{};
    std::snprintf(text.data(), text.size(), format, parts...); // NOLINT(cppcoreguidelines-pro-type-vararg)
    return base::failure(error_kind::timeout, where, text.data());
}

} // namespace

error_info opening_is_over(phase where, std::string_view host, std::uint16_t port,
                           std::chrono::nanoseconds limit) noexcept {
    auto const name = cut(host);
    auto const time = spelled(limit);
    switch (where) {
    case phase::dns:
        return over(where,
                    "the name %s was not resolved within %s (client_options::connect_timeout): does the name "
                    "server respond?",
                    name.data(), time.data());
    case phase::connect:
        return over(
            where,
            "no TCP connection to %s port %u within %s (client_options::connect_timeout): does a firewall "
            "drop packets?",
            name.data(), port, time.data());
    case phase::proxy:
        return over(
            where,
            "the proxy %s port %u opened no tunnel within %s (client_options::connect_timeout): can it "
            "reach the endpoint?",
            name.data(), port, time.data());
    case phase::tls:
        return over(
            where,
            "no TLS handshake with %s port %u within %s (client_options::connect_timeout): is this a TLS "
            "server, and is it overloaded?",
            name.data(), port, time.data());
    default:
        return over(where,
                    "the connection to %s port %u was not open within %s (client_options::connect_timeout)",
                    name.data(), port, time.data());
    }
}

error_info attempt_is_over(phase where, std::chrono::nanoseconds limit) noexcept {
    return over(where, "the attempt did not finish within %s (client_options::attempt_timeout)%s",
                spelled(limit).data(), where == phase::read ? ": is the service slow or overloaded?" : "");
}

error_info exchange_is_over(phase where, std::chrono::nanoseconds limit) noexcept {
    return over(
        where, "the exchange did not finish within %s (client_options::timeout or exchange_request::timeout)",
        spelled(limit).data());
}

} // namespace equinix::sts::core
