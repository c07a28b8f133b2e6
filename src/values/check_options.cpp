#include "values/check_options.hpp"

#include "base/failure.hpp"
#include "values/header_field.hpp"

namespace equinix::sts::values {
namespace {

std::string member(std::string_view name) {
    return std::string("client_options::").append(name);
}

void check_positive(char const* name, std::chrono::nanoseconds value) {
    if (value <= value.zero()) base::refuse(member(name), " must be positive");
}

void check_range(char const* name, std::size_t value, std::size_t least, std::size_t most) {
    if (value < least && most == std::size_t(-1))
        base::refuse(member(name), " must be at least " + std::to_string(least));
    if (value < least || value > most)
        base::refuse(member(name),
                     " must be between " + std::to_string(least) + " and " + std::to_string(most));
}

} // namespace

void check_options(client_options const& options) {
    constexpr std::size_t kib = 1024, mib = kib * kib;
    constexpr std::size_t any = std::size_t(-1);
    check_positive("timeout", options.timeout);
    check_positive("connect_timeout", options.connect_timeout);
    check_positive("attempt_timeout", options.attempt_timeout);
    check_positive("retry.base_delay", options.retry.base_delay);
    if (options.retry.max_delay < options.retry.base_delay)
        base::refuse(member("retry.max_delay"), " must be at least retry.base_delay");
    if (options.retry.max_retry_after < options.retry.max_retry_after.zero())
        base::refuse(member("retry.max_retry_after"), " must not be negative");
    check_range("retry.max_attempts", options.retry.max_attempts, 1, any);
    check_positive("pool.idle_timeout", options.pool.idle_timeout);
    check_positive("pool.max_age", options.pool.max_age);
    if (options.shutdown_timeout < options.shutdown_timeout.zero())
        base::refuse(member("shutdown_timeout"), " must not be negative");
    check_range("pool.max_connections", options.pool.max_connections, 1, any);
    check_range("pool.max_opening", options.pool.max_opening, 1, any);
    check_range("pool.max_waiters", options.pool.max_waiters, 1, any);
    check_range("pool.max_streams", options.pool.max_streams, 1, any);
#ifndef EQUINIX_STS_HAS_HTTP2
    if (options.http == http_version::http2)
        base::refuse(member("http"), " is http2, and this library was built without nghttp2");
#endif
    check_range("limits.max_head", options.limits.max_head, kib, mib);
    check_range("limits.max_body", options.limits.max_body, kib, 64 * mib);
    check_proxy_headers(options);
}

} // namespace equinix::sts::values
