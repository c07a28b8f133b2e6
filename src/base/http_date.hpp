// HTTP dates (RFC 9110 section 5.6.7), and the wait that `Retry-After` asks for.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts::base {

/// Reads the three forms that a recipient must accept. A two-digit year is interpreted as the nearest one
/// that is not more than 50 years after `now`.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text, std::chrono::sys_seconds now);

/// Reads `Retry-After` (RFC 9110 section 10.2.3): seconds or a date. Returns zero seconds for a date in the
/// past, the maximum for a number that is too large, and nothing for an ill-formed value.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, std::chrono::sys_seconds now);

/// As in `2026-01-31T23:59:59Z` (RFC 3339).
std::string iso_time(std::chrono::sys_seconds when);

/// Reads such a time, also with an offset (RFC 3339 section 5.6); a fraction of a second is dropped.
std::optional<std::chrono::sys_seconds> parse_iso_time(std::string_view text);

} // namespace equinix::sts::base
