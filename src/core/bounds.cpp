#include "core/bounds.hpp"

#include "base/failure.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>

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

/// What did not happen, with places for the peer's name and, where it matters, its port; and what to check.
struct opening {
    phase where;
    char const *what, *check;
};
constexpr opening openings[] = {
    {phase::dns, "the name %s was not resolved", ": does the name server respond?"},
    {phase::connect, "no TCP connection to %s port %u", ": does a firewall drop packets?"},
    {phase::proxy, "the proxy %s port %u opened no tunnel", ": can it reach the endpoint?"},
    {phase::tls, "no TLS handshake with %s port %u", ": is this a TLS server, and is it overloaded?"},
    {phase::none, "the connection to %s port %u was not open", ""}};

/// The last one stands for all other phases.
opening const* opening_of(phase where) noexcept {
    return std::find_if(std::begin(openings), std::end(openings) - 1,
                        [&](opening const& one) { return one.where == where; });
}

/// The texts are made without memory of their own: an error for lack of time must not fail for lack of
/// memory.
template <class... Parts>
std::array<char, 512> text_of(char const* format, Parts... parts) noexcept {
    std::array<char, 512> text{};
    auto const size = std::snprintf(text.data(), text.size(), format, parts...); // NOLINT: C's format
    if (size < 0) text[0] = 0;                                                   // cut if it is longer
    return text;
}

error_info over(phase where, std::array<char, 512> const& text) noexcept {
    return base::failure(error_kind::timeout, where, text.data());
}

} // namespace

error_info opening_is_over(phase where, std::string_view host, std::uint16_t port,
                           std::chrono::nanoseconds limit) noexcept {
    auto const* const said = opening_of(where);
    auto const what = text_of(said->what, cut(host).data(), port);
    return over(where, text_of("%s within %s (client_options::connect_timeout)%s", what.data(),
                               spelled(limit).data(), said->check));
}

error_info attempt_is_over(phase where, std::chrono::nanoseconds limit) noexcept {
    return over(where, text_of("the attempt did not finish within %s (client_options::attempt_timeout)%s",
                               spelled(limit).data(),
                               where == phase::read ? ": is the service slow or overloaded?" : ""));
}

error_info exchange_is_over(phase where, std::chrono::nanoseconds limit) noexcept {
    auto const* const said = opening_of(where);
    auto const text = text_of(
        "the exchange did not finish within %s (client_options::timeout or exchange_request::timeout)%s",
        spelled(limit).data(), said->check);
    return over(where, text);
}

error_info wait_is_over(std::chrono::nanoseconds limit, error_info const* so_far) noexcept {
    auto const text = text_of("no token arrived within %s, the limit of this call", spelled(limit).data());
    auto made = over(phase::queue, text);
    if (so_far == nullptr) {
        base::append_to(made.message, ": is the service slow?");
        return made;
    }
    made.code = so_far->code;
    made.http_status = so_far->http_status;
    made.attempts = so_far->attempts;
    base::append_to(made.message, text_of("; attempt %u failed: ", so_far->attempts).data());
    base::append_to(made.message, so_far->message);
    return made;
}

} // namespace equinix::sts::core
