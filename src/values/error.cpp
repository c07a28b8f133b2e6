#include "base/failure.hpp"

#include <equinix/sts/error.hpp>

#include <netdb.h>

#include <array>
#include <span>

namespace equinix::sts {
namespace {

constexpr std::array<std::string_view, 17> kind_names = {
    "none",      "config",   "dns",   "connect",  "proxy", "tls",         "timeout", "canceled", "network",
    "truncated", "protocol", "limit", "redirect", "http",  "unavailable", "oauth",   "malformed"};
constexpr std::array<std::string_view, 12> phase_names = {"none",    "supplier", "queue", "dns",
                                                          "connect", "proxy",    "tls",   "write",
                                                          "read",    "parse",    "oauth", "backoff"};

static_assert(kind_names.size() == error_kinds + 1);
static_assert(phase_names.size() == static_cast<std::size_t>(phase::backoff) + 1);

std::string_view name_of(std::span<std::string_view const> names, int index) noexcept {
    auto const at = static_cast<std::size_t>(index); // a negative one is beyond the end
    return at < names.size() ? names[at] : "unknown";
}

/// The numbers make a category the same one in each copy of this library that a process has.
class kind_category final : public boost::system::error_category {
public:
    constexpr kind_category() noexcept : error_category(0x5c1f2ad04be9d371) {}
    char const* name() const noexcept override { return "equinix.sts"; }
    std::string message(int value) const override { return std::string(name_of(kind_names, value)); }
};

class eai_category final : public boost::system::error_category {
public:
    constexpr eai_category() noexcept : error_category(0x9a63e80d17f4c25b) {}
    char const* name() const noexcept override { return "equinix.sts.resolver"; }
    std::string message(int value) const override { return ::gai_strerror(value); }
};

} // namespace

std::string_view to_string(error_kind kind) noexcept {
    return name_of(kind_names, static_cast<int>(kind));
}

std::string_view to_string(phase where) noexcept {
    return name_of(phase_names, static_cast<int>(where));
}

boost::system::error_category const& error_category() noexcept {
    static constexpr kind_category category;
    return category;
}

boost::system::error_category const& resolver_category() noexcept {
    static constexpr eai_category category;
    return category;
}

boost::system::error_code make_error_code(error_kind kind) noexcept {
    return {static_cast<int>(kind), error_category()};
}

bool error_info::retryable() const noexcept {
    switch (kind) {
    case error_kind::dns:
    case error_kind::connect:
    case error_kind::network:
    case error_kind::truncated:
    case error_kind::unavailable:
        return true;
    case error_kind::timeout:
        return phase != sts::phase::proxy; // a proxy that is silent has refused
    case error_kind::oauth:
        return base::asks_for_later(http_status);
    default:
        return false;
    }
}

bool error_info::subject_refused() const noexcept {
    if (subject_expired) return true;
    if (kind != error_kind::oauth || retryable()) return false;
    if (phase == sts::phase::supplier)
        return oauth_error.empty(); // else another service's, which a supplier asks
    return oauth_error == "invalid_grant" || oauth_error == "invalid_request" ||
           oauth_error == "invalid_token";
}

std::string error_info::help() const {
    constexpr std::string_view with_entry[] = {
        "invalid_request",     "invalid_grant",          "invalid_client", "invalid_scope",
        "unauthorized_client", "unsupported_grant_type", "invalid_target"};
    std::string anchor(sts::to_string(kind));
    if (kind == error_kind::oauth)
        for (auto const entry : with_entry)
            if (oauth_error == entry) anchor = entry;
    return "troubleshooting.md#" + anchor;
}

std::string error_info::to_string() const {
    std::string text(sts::to_string(kind));
    if (phase != sts::phase::none) text += " (" + std::string(sts::to_string(phase)) + ")";
    text += ": " + message;
    if (http_status != 0) text += "; status " + std::to_string(http_status);
    if (!oauth_error.empty()) text += "; error=" + oauth_error;
    if (!oauth_error_description.empty()) text += "; error_description=" + oauth_error_description;
    if (!service_code.empty()) text += "; errorCode=" + service_code;
    if (!service_message.empty()) text += "; errorMessage=" + service_message;
    if (retry_after) text += "; retry after " + std::to_string(retry_after->count()) + " s";
    if (auto const why = base::system_reason(*this); !why.empty()) text += "; " + why;
    if (attempts > 1) text += "; after " + std::to_string(attempts) + " attempts";
    for (auto const& one : earlier) {
        text += &one == &earlier.front() ? ", before: " : ", ";
        text += std::string(sts::to_string(one.kind)) + " (" + std::string(sts::to_string(one.phase));
        if (one.http_status != 0) text += ", status " + std::to_string(one.http_status);
        text += ") at " +
                std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(one.elapsed).count()) +
                " ms";
    }
    return text + " [" + help() + "]";
}

error::error(error_info info)
    : std::runtime_error(info.to_string()), info_(std::make_shared<error_info const>(std::move(info))) {}

void throw_exception_from_error(error_info const& info, boost::source_location const&) {
    throw error(info);
}

} // namespace equinix::sts
