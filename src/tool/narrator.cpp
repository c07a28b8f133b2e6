#include "tool/narrator.hpp"

#include "tool/terminal.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>

namespace equinix::sts::tool {
namespace {

std::string in_ms(std::chrono::nanoseconds time) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.1f ms", // NOLINT(cppcoreguidelines-pro-type-vararg)
                  std::chrono::duration<double, std::milli>(time).count());
    return text;
}

std::string failure(event const& what) {
    auto text = std::string(to_string(what.kind)) + " in phase " + std::string(to_string(what.phase));
    if (what.http_status != 0) text += ", status " + std::to_string(what.http_status);
    if (what.code.failed() && what.code.category() != error_category()) text += ", " + what.code.message();
    return text;
}

std::string protocol(event const& what) {
    return what.http2 ? "; HTTP/2" : "; HTTP/1.1";
}

/// Empty for an event that means nothing to a person who waits for a token.
std::string in_words(event const& what) {
    auto const connection = "connection " + std::to_string(what.connection);
    auto const exchange = "exchange " + std::to_string(what.exchange);
    auto const attempt = exchange + ", attempt " + std::to_string(what.attempt);
    switch (what.type) {
    case event_type::attempt_began:
        return attempt + " begins";
    case event_type::attempt_ended:
        return attempt + " took " + in_ms(what.duration) + ": " + (what.failed ? failure(what) : "a token");
    case event_type::retry_scheduled:
        return exchange + " waits " + in_ms(what.duration) + " before the next attempt";
    case event_type::connection_opened:
        return connection + " took " + in_ms(what.duration) + " to open: name, TCP, full TLS handshake" +
               protocol(what);
    case event_type::connection_resumed:
        return connection + " took " + in_ms(what.duration) + " to open: name, TCP, TLS session resumed" +
               protocol(what);
    case event_type::connection_reused:
        return connection + " is reused";
    case event_type::connection_drained:
        return "the server no longer accepts requests on " + connection;
    case event_type::connection_failed:
        return connection + " failed to open after " + in_ms(what.duration) + ": " + failure(what);
    case event_type::connection_dropped:
        return connection + " is closed";
    case event_type::store_hit:
        return "the store has a token";
    case event_type::store_miss:
        return "the store has no token that is good enough";
    case event_type::store_lease_won:
        return "this process makes the exchange for all that share the store";
    case event_type::store_lease_awaited:
        return "another process makes the exchange";
    case event_type::store_record_unopened:
        return "the store has a record that was not sealed by one of the keys, or is dated in the future";
    case event_type::store_written:
        return "the token was written to the store";
    case event_type::store_failed:
        return "the store failed: " + failure(what);
    case event_type::store_given_up:
        return "the store is not used for a while";
    case event_type::store_unshared:
        return "the token is not shared: it is bound to a key or a certificate of this process";
    default:
        return {};
    }
}

} // namespace

narrator::narrator() : start_(std::chrono::steady_clock::now()), coloured_(is_coloured(STDERR_FILENO)) {}

void narrator::operator()(event const& what) const {
    auto const words = in_words(what);
    if (words.empty()) return;
    auto const at = in_ms(what.at - start_);
    auto const line =
        painted(coloured_, colour::faint, std::string(11 - std::min<std::size_t>(at.size(), 11), ' ') + at) +
        "  " + (what.failed ? painted(coloured_, colour::red, words) : words) + "\n";
    std::fputs(line.c_str(), stderr);
}

} // namespace equinix::sts::tool
