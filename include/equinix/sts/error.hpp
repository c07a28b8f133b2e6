/// \file
/// Errors, as values and as one exception type.
#pragma once

#include <equinix/sts/decl.hpp>

#include <boost/assert/source_location.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts {

/// The kinds of failure. The set is closed. Each value is also an `error_code` of `error_category()`.
enum class error_kind {
    config = 1,  ///< an option, argument or subject token cannot be used; refused before it is sent
    dns,         ///< the host name of the endpoint or the proxy could not be resolved
    connect,     ///< no TCP connection to the endpoint or the proxy could be opened
    proxy,       ///< the proxy was reached, but opened no usable tunnel
    tls,         ///< a TLS handshake, alert or certificate verification failed
    timeout,     ///< a time limit passed; the message says which
    canceled,    ///< the caller cancelled the exchange or closed the client
    network,     ///< reset or end of stream before the first byte of a response, or a system failure
    truncated,   ///< a response began and is incomplete
    protocol,    ///< a response is not unambiguous HTTP
    limit,       ///< a limit of this client was exceeded
    redirect,    ///< the status is 3xx; redirects are never followed
    http,        ///< the status is unexpected, without an OAuth error
    unavailable, ///< the status asks the client to try later (see `retry_options`), without an OAuth error
    oauth,       ///< an OAuth error (RFC 6749 section 5.2) with any status; see `retryable()`
    malformed,   ///< the status is a success, but the body is not a token response
    key          ///< a signing key has failed, for example because its token was removed
};

/// The number of kinds. They are numbered from 1 to this value.
inline constexpr unsigned error_kinds = static_cast<unsigned>(error_kind::key);

/// The phase that an exchange had reached.
enum class phase {
    none,     ///< before the exchange began
    supplier, ///< getting the subject token from its supplier
    queue,    ///< waiting for a connection
    dns,      ///< resolving the host's name
    connect,  ///< opening the TCP connection
    proxy,    ///< requesting a tunnel from the proxy
    tls,      ///< the TLS handshake
    write,    ///< sending the request
    read,     ///< waiting for the response, or reading it
    parse,    ///< interpreting the response
    oauth,    ///< the service returned an error
    backoff,  ///< waiting before another attempt
    store,    ///< asking a token store, or waiting for another process's exchange
    sign      ///< making a signature
};

/// Returns the name of a kind, as in `"timeout"`. Never fails.
EQUINIX_STS_DECL std::string_view to_string(error_kind) noexcept;

/// Returns the name of a phase, as in `"connect"`. Never fails.
EQUINIX_STS_DECL std::string_view to_string(phase) noexcept;

/// Returns the category of `error_kind` as an error code. Never fails. Thread-safe.
EQUINIX_STS_DECL boost::system::error_category const& error_category() noexcept;

/// Returns the category of the codes of name resolution. The values are `EAI_*` of `getaddrinfo` (RFC 3493
/// section 6.1), as in `code == boost::system::error_code(EAI_AGAIN, sts::resolver_category())`. Never fails.
/// Thread-safe.
EQUINIX_STS_DECL boost::system::error_category const& resolver_category() noexcept;

/// Returns the category of the codes of certificate verification. The values are `X509_V_ERR_*` of OpenSSL's
/// `<openssl/x509_vfy.h>`, as in
///
/// `info.code == boost::system::error_code(X509_V_ERR_CERT_HAS_EXPIRED, sts::certificate_category())`.
///
/// Messages are those of OpenSSL's `X509_verify_cert_error_string()`. The server's certificate is verified by
/// the rules of RFC 5280 section 6 and RFC 9525 section 6.
///
/// Never fails. Thread-safe.
EQUINIX_STS_DECL boost::system::error_category const& certificate_category() noexcept;

/// Returns the category of TLS alerts. The values are the numbers of RFC 8446 section 6, whichever peer sends
/// the alert, as in `info.code == boost::system::error_code(116, sts::tls_alert_category())`. Messages are
/// the names in the RFC, as in `"certificate_required"`. An alert in an `error_info` was always sent by the
/// peer.
///
/// Never fails. Thread-safe.
EQUINIX_STS_DECL boost::system::error_category const& tls_alert_category() noexcept;

/// Makes an `error_code` of a kind, so that `ec == error_kind::timeout` compiles. Never fails.
EQUINIX_STS_DECL boost::system::error_code make_error_code(error_kind) noexcept;

/// An attempt that failed before the last one of an exchange.
struct attempt_error {
    error_kind kind = error_kind::canceled; ///< the kind of failure
    sts::phase phase = sts::phase::none;    ///< the phase that the attempt had reached
    boost::system::error_code code;         ///< the cause, as `error_info::code`
    unsigned http_status = 0;               ///< the status of its response, 0 without one
    std::chrono::nanoseconds elapsed{};     ///< from the start of the exchange to the failure
};

/// Describes a failed exchange. Holds no secret: no text contains a body or a token. Texts of the service are
/// escaped and truncated to 1 KiB, and echoes of the request's secrets are removed from them.
///
/// A plain value: its thread-safety is that of its members.
struct EQUINIX_STS_DECL error_info {
    /// The kind of failure. Branch on this.
    error_kind kind = error_kind::canceled;

    /// The phase that the exchange had reached.
    sts::phase phase = sts::phase::none;

    /// The cause if it has a code, otherwise the kind as a code. The categories are:
    ///
    /// - `boost::system::system_category()`, `generic_category()`: what a system call reported
    /// - `resolver_category()`: why the host name could not be resolved
    /// - `certificate_category()`: why the server's certificate was refused
    /// - `tls_alert_category()`: the alert with which the peer ended TLS
    ///
    /// None of them is another library's category, so codes compare equal in every part of a program. Branch
    /// on `kind`, and on this code where one cause needs its own treatment. Do not search `message`: its
    /// words may change in any version.
    boost::system::error_code code;

    /// This library's message: what happened, why, and how to correct it. Safe to log. ASCII, except for
    /// system error messages in the system's locale.
    std::string message;

    /// The option at fault in an error of kind `config`: a member, as in `"client_options::limits.max_head"`,
    /// or an environment variable, as in `"EQUINIX_STS_CLIENT_ID"`. If two options belong together, this is
    /// the missing one.
    ///
    /// Empty if an argument, a subject token or the system is at fault.
    std::string option;

    /// The number of attempts, including the first. An attempt begins when a connection is opened for it or
    /// taken from the pool. 0 if the exchange ended before the first.
    unsigned attempts = 0;

    /// The HTTP status of the response, 0 without one.
    unsigned http_status = 0;

    /// The error code of the service: the member `error` (RFC 6749 section 5.2). Empty if absent.
    std::string oauth_error;

    /// The error text of the service: the member `error_description` (RFC 6749 section 5.2). Printable ASCII,
    /// but not trusted. Empty if absent.
    std::string oauth_error_description;

    /// A page about the error: the member `error_uri` (RFC 6749 section 5.2). Do not follow it automatically.
    /// Empty if absent.
    std::string oauth_error_uri;

    /// The code in an error object other than OAuth's: the member `errorCode` in `{"error": {...}}`, which
    /// the service's other operations and gateways in front of it return; in a failure of
    /// `suppliers::aws`, the code of AWS. Printable ASCII, but not trusted. Empty if absent.
    std::string service_code;

    /// The text in such an object: `errorMessage`, `message` or `details`. Printable ASCII, but not trusted.
    /// Empty if absent.
    std::string service_message;

    /// The time that the service asks the client to wait (`Retry-After`, RFC 9110 section 10.2.3).
    std::optional<std::chrono::seconds> retry_after;

    /// Whether the subject token was not sent because it has expired according to its own `exp`.
    bool subject_expired = false;

    /// Whether any byte of the request may have reached the service in any attempt.
    bool request_sent = false;

    /// Whether no further attempt was made because too little is left of `retry_options::budget`.
    bool budget_spent = false;

    /// The attempts that failed before, in order. Of more than 64, the first 16 and the latest 48.
    std::vector<attempt_error> earlier;

    /// Returns whether the same request may succeed later. Never fails.
    bool retryable() const noexcept;

    /// Returns whether the subject token is at fault: it has expired, or the service has refused it
    /// permanently (`invalid_grant`; `invalid_request`, as RFC 8693 section 2.2.2 specifies;
    /// `invalid_token`). A gateway that exchanges the tokens of its users should then return 401. All other
    /// errors have another cause, in the request or the service: a scope that was not granted, a client that
    /// is not authenticated, a temporary failure. Never fails.
    bool subject_refused() const noexcept;

    /// Returns the entry in `doc/troubleshooting.md`, as in `troubleshooting.md#tls`. For an OAuth error this
    /// is the entry of its code, if there is one.
    ///
    /// \throws std::bad_alloc.
    std::string help() const;

    /// Returns one line for a log: the kind, the phase, this library's message, the status, the service's
    /// texts, the earlier attempts, and `help()` in brackets.
    ///
    /// \throws std::bad_alloc.
    std::string to_string() const;
};

/// A value or the reason why there is none. Check `has_error()` first: `error()` of a success has no meaning.
template <class T, class E = error_info>
using result = boost::system::result<T, E>;

/// The exception that carries an `error_info`. `what()` is `error_info::to_string()`. Copying it does not
/// throw.
class EQUINIX_STS_DECL error : public std::runtime_error {
public:
    /// Creates an exception from `info`.
    ///
    /// \throws std::bad_alloc.
    explicit error(error_info info);

    /// Returns the description of the failure. The reference is valid while this object or a copy of it
    /// exists.
    error_info const& info() const noexcept { return *info_; }

    /// Returns `info().kind`.
    error_kind kind() const noexcept { return info_->kind; }

private:
    std::shared_ptr<error_info const> info_; // shared: copying an exception must not throw
};

/// Throws `sts::error`. `result<T>::value()` calls this if there is no value.
[[noreturn]] EQUINIX_STS_DECL void throw_exception_from_error(error_info const&,
                                                              boost::source_location const&);

} // namespace equinix::sts

/// \cond
/// So that an `error_kind` converts to an `error_code`.
template <>
struct boost::system::is_error_code_enum<equinix::sts::error_kind> : std::true_type {};
/// \endcond
