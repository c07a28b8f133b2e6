// Functions that create the errors of this library.
#pragma once

#include <equinix/sts/error.hpp>

#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace equinix::sts::base {

/// Replaces a text when there is no memory for it. Short enough for the string itself.
inline constexpr char no_memory_for_text[] = "out of memory";

/// Whether a code's category is the same object in each part of a program. Those of Asio, Beast and OpenSSL
/// are compared by address, and a shared library and its program may have one each.
inline bool has_identity(boost::system::error_code code) noexcept {
    auto const& category = code.category();
    return category == boost::system::system_category() || category == boost::system::generic_category() ||
           category == error_category() || category == resolver_category() ||
           category == certificate_category() || category == tls_alert_category();
}

/// Whether the message of the code is appended to ours. Follows a fixed rule and searches no text: a message
/// of kind `config`, of a refused certificate and of an alert states its cause in words of its own.
inline bool adds_words(error_kind kind, boost::system::error_code code) noexcept {
    auto const& category = code.category();
    return code.failed() && kind != error_kind::config && category != error_category() &&
           category != certificate_category() && category != tls_alert_category();
}

/// Appends the code's message to ours if ours does not state the cause. Of a code without an identity only
/// the message is kept. Never fails: the paths that must not fail end here.
inline error_info failure(error_kind kind, sts::phase phase, std::string_view message,
                          boost::system::error_code code = {}) noexcept {
    error_info info;
    info.kind = kind;
    info.phase = phase;
    bool const leaves = code.failed() && has_identity(code);
    info.code = leaves ? code : make_error_code(kind);
    try {
        info.message.assign(message);
        if (adds_words(kind, code)) info.message.append(": " + code.message());
    } catch (std::bad_alloc const&) {
        if (info.message.empty()) info.message = no_memory_for_text;
    }
    return info;
}

/// Appends to a text, if memory permits.
inline void append_to(std::string& text, std::string_view more) noexcept try {
    text.append(more);
} catch (std::bad_alloc const&) {
    return;
}

/// A copy of the error; without its own texts when memory runs out.
inline error_info copy_of(error_info const& info) noexcept try {
    return info;
} catch (std::bad_alloc const&) {
    auto bare = failure(info.kind, info.phase, no_memory_for_text);
    bare.code = info.code;
    bare.http_status = info.http_status;
    bare.retry_after = info.retry_after;
    bare.subject_expired = info.subject_expired;
    bare.budget_spent = info.budget_spent;
    return bare;
}

/// The error of an exchange that took too long.
inline error_info deadline_is_over(sts::phase where) noexcept {
    return failure(error_kind::timeout, where,
                   "the exchange did not finish within client_options::timeout or exchange_request::timeout");
}

/// The error for lack of memory.
inline error_info without_memory(sts::phase where) noexcept {
    auto info = failure(error_kind::network, where, no_memory_for_text);
    info.code = make_error_code(boost::system::errc::not_enough_memory);
    return info;
}

/// The error of a result, as by `copy_of`.
template <class T>
error_info error_of(result<T> const& failed) noexcept try {
    return failed.error();
} catch (std::bad_alloc const&) {
    return without_memory(phase::none);
}

/// Whether the token endpoint itself has refused the request, and would refuse it again.
inline bool is_permanent_refusal(error_info const& why) noexcept {
    return why.kind == error_kind::oauth && why.phase != phase::supplier && !why.retryable();
}

/// Whether no answer came in time, so that what was sent may have been lost.
inline bool is_unanswered(error_info const& why) noexcept {
    return why.kind == error_kind::timeout;
}

/// The statuses by which the service itself asks for a later retry.
constexpr bool asks_for_patience(unsigned status) noexcept {
    return status == 408 || status == 409 || status == 425 || status == 429;
}

/// The statuses of a server or gateway that cannot answer, while another one may: 421 (RFC 9110 section
/// 15.5.20), and those of gateways beyond the registered ones.
constexpr bool is_of_a_sick_server(unsigned status) noexcept {
    return status == 421 || status == 500 || (status >= 502 && status <= 504) ||
           (status >= 520 && status <= 530) || status == 598 || status == 599;
}

/// The statuses after which another attempt may succeed, whatever the body says.
constexpr bool asks_for_later(unsigned status) noexcept {
    return asks_for_patience(status) || is_of_a_sick_server(status);
}

/// Fails for a reason that is no option's fault.
[[noreturn]] inline void refuse(std::string message) {
    throw error(failure(error_kind::config, phase::none, message));
}

/// Refuses an option, which the error names in its field. `message` is the complete text.
[[noreturn]] inline void refuse_option(std::string_view option, std::string_view message) {
    auto info = failure(error_kind::config, phase::none, message);
    info.option = option;
    throw error(std::move(info));
}

/// As above, with a message that begins with the option: `why` is appended to it, as in " must be positive".
[[noreturn]] inline void refuse(std::string_view option, std::string_view why) {
    refuse_option(option, std::string(option).append(why));
}

/// Makes a value. If that is refused, the message says where its input came from, and the error names the
/// option.
template <class Make>
auto made_from(std::string_view source, std::string_view option, Make make) {
    try {
        return make();
    } catch (error const& refused) {
        refuse_option(option, std::string(source) + ": " + refused.info().message);
    }
}

/// As above, with an option as the only description of the source.
template <class Make>
auto made_from(std::string_view option, Make make) {
    return made_from(option, option, std::move(make));
}

} // namespace equinix::sts::base
