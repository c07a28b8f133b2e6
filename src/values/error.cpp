#include "base/failure.hpp"

#include <equinix/sts/error.hpp>

#include <netdb.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <span>
#include <utility>

namespace equinix::sts {
namespace {

constexpr std::array<std::string_view, 18> kind_names = {
    "none",      "config",   "dns",   "connect",  "proxy", "tls",         "timeout", "canceled",  "network",
    "truncated", "protocol", "limit", "redirect", "http",  "unavailable", "oauth",   "malformed", "key"};
constexpr std::array<std::string_view, 14> phase_names = {"none",  "supplier", "queue", "dns",  "connect",
                                                          "proxy", "tls",      "write", "read", "parse",
                                                          "oauth", "backoff",  "store", "sign"};

/// RFC 8446 section 6 and appendix B.2, and those of earlier versions that a peer may still send.
constexpr std::pair<int, std::string_view> alert_names[] = {{0, "close_notify"},
                                                            {10, "unexpected_message"},
                                                            {20, "bad_record_mac"},
                                                            {21, "decryption_failed"},
                                                            {22, "record_overflow"},
                                                            {30, "decompression_failure"},
                                                            {40, "handshake_failure"},
                                                            {41, "no_certificate"},
                                                            {42, "bad_certificate"},
                                                            {43, "unsupported_certificate"},
                                                            {44, "certificate_revoked"},
                                                            {45, "certificate_expired"},
                                                            {46, "certificate_unknown"},
                                                            {47, "illegal_parameter"},
                                                            {48, "unknown_ca"},
                                                            {49, "access_denied"},
                                                            {50, "decode_error"},
                                                            {51, "decrypt_error"},
                                                            {60, "export_restriction"},
                                                            {70, "protocol_version"},
                                                            {71, "insufficient_security"},
                                                            {80, "internal_error"},
                                                            {86, "inappropriate_fallback"},
                                                            {90, "user_canceled"},
                                                            {100, "no_renegotiation"},
                                                            {109, "missing_extension"},
                                                            {110, "unsupported_extension"},
                                                            {111, "certificate_unobtainable"},
                                                            {112, "unrecognized_name"},
                                                            {113, "bad_certificate_status_response"},
                                                            {114, "bad_certificate_hash_value"},
                                                            {115, "unknown_psk_identity"},
                                                            {116, "certificate_required"},
                                                            {120, "no_application_protocol"}};

static_assert(kind_names.size() == error_kinds + 1);
static_assert(phase_names.size() == static_cast<std::size_t>(phase::sign) + 1);

std::string_view name_of(std::span<std::string_view const> names, int index) noexcept {
    auto const at = static_cast<std::size_t>(index); // a negative index is beyond the end
    return at < names.size() ? names[at] : "unknown";
}

/// The numeric ids make a category equal in each copy of this library that a process has.
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

class x509_category final : public boost::system::error_category {
public:
    constexpr x509_category() noexcept : error_category(0xb7d0e1462c8a953f) {}
    char const* name() const noexcept override { return "equinix.sts.certificate"; }
    std::string message(int value) const override { return ::X509_verify_cert_error_string(value); }
};

class alert_category final : public boost::system::error_category {
public:
    constexpr alert_category() noexcept : error_category(0xe24f7b903ad6518d) {}
    char const* name() const noexcept override { return "equinix.sts.tls_alert"; }
    std::string message(int value) const override {
        for (auto const& [number, name] : alert_names)
            if (number == value) return std::string(name);
        return "alert " + std::to_string(value);
    }
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

boost::system::error_category const& certificate_category() noexcept {
    static constexpr x509_category category;
    return category;
}

boost::system::error_category const& tls_alert_category() noexcept {
    static constexpr alert_category category;
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
    case error_kind::timeout:
        return true;
    case error_kind::proxy: // one that restarts closes connections, or says that it cannot answer yet
        return http_status != 0 ? base::asks_for_later(http_status)
                                : code.category() == boost::system::system_category();
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
        return oauth_error.empty(); // otherwise that of another service, which a supplier calls
    return oauth_error == "invalid_grant" || oauth_error == "invalid_request" ||
           oauth_error == "invalid_token";
}

std::string error_info::help() const {
    constexpr std::string_view with_entry[] = {
        "invalid_request", "invalid_grant",       "invalid_client",
        "invalid_scope",   "unauthorized_client", "unsupported_grant_type",
        "invalid_target",  "use_dpop_nonce",      "invalid_dpop_proof"};
    std::string anchor(sts::to_string(kind));
    bool const by_store = phase == sts::phase::store && kind != error_kind::oauth &&
                          kind != error_kind::canceled && !retry_after;
    if (by_store || option.starts_with("store_options::") || option.starts_with("redis_options::"))
        anchor = "token-store";
    if (kind == error_kind::oauth)
        for (auto const entry : with_entry)
            if (oauth_error == entry) anchor = entry;
    return "troubleshooting.md#" + anchor;
}

namespace {

constexpr std::size_t most_told = 8; // of the earlier attempts

} // namespace

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
    if (attempts > 1) text += "; after " + std::to_string(attempts) + " attempts";
    auto const omitted = earlier.size() > most_told ? earlier.size() - most_told : 0;
    for (std::size_t i = 0; i < earlier.size(); ++i) {
        text += i == 0 ? ", before: " : ", ";
        if (omitted != 0 && i == most_told / 2) {
            text += std::to_string(omitted) + " more, ";
            i += omitted;
        }
        auto const& one = earlier[i];
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
