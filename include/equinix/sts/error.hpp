/// \file
/// What can go wrong, as values and as the one exception type.
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

/// The kinds of failure, a closed set. Each value is also an `error_code` of `error_category()`.
enum class error_kind {
    config = 1,  ///< refused before any I/O: an option or an argument that cannot work
    dns,         ///< the name of the endpoint's host, or the proxy's, could not be resolved
    connect,     ///< no TCP connection to the endpoint, or to the proxy
    proxy,       ///< the proxy was reached and gave anything but a bare success
    tls,         ///< handshake, alert or certificate verification
    timeout,     ///< a bound passed; the phase says which
    canceled,    ///< you cancelled, or closed the client
    network,     ///< reset or end before the first byte of an answer, or a system failure
    truncated,   ///< an answer was begun and is not wholly there
    protocol,    ///< not unambiguous HTTP/1.1
    limit,       ///< one of this client's own limits
    redirect,    ///< a 3xx, which is never followed
    http,        ///< an unexpected status without an OAuth error
    unavailable, ///< a status that says "later" (408, 409, 425, 429, 500, 502, 503, 504), without an OAuth
                 ///< error
    oauth,       ///< an OAuth error (RFC 6749 section 5.2), whatever the status; `retryable()` knows "later"
    malformed    ///< a success status whose body is no token response
};

/// How many kinds there are: they are numbered from 1 to this.
inline constexpr unsigned error_kinds = static_cast<unsigned>(error_kind::malformed);

/// How far an exchange had come.
enum class phase {
    none,     ///< before anything was done
    supplier, ///< asking for the subject token
    queue,    ///< waiting for a connection
    dns,      ///< resolving the host's name
    connect,  ///< opening the TCP connection
    proxy,    ///< asking the proxy for a tunnel
    tls,      ///< the TLS handshake
    write,    ///< sending the request
    read,     ///< waiting for or reading the answer
    parse,    ///< reading the answer's meaning
    oauth,    ///< the service's own verdict
    backoff   ///< waiting before another attempt
};

/// The name of a kind, as in `"timeout"`. Never fails.
EQUINIX_STS_DECL std::string_view to_string(error_kind) noexcept;

/// The name of a phase, as in `"connect"`. Never fails.
EQUINIX_STS_DECL std::string_view to_string(phase) noexcept;

/// The category of `error_kind` as an error code.
EQUINIX_STS_DECL boost::system::error_category const& error_category() noexcept;

/// The category of the codes with which a name could not be looked up: the values `EAI_*` of `getaddrinfo`
/// (RFC 3493 section 6.1), as in `code == boost::system::error_code(EAI_AGAIN, sts::resolver_category())`.
EQUINIX_STS_DECL boost::system::error_category const& resolver_category() noexcept;

/// The category of the codes with which a server's certificate was refused: the values `X509_V_ERR_*` of
/// OpenSSL's `<openssl/x509_vfy.h>`, as in
/// `info.code == boost::system::error_code(X509_V_ERR_CERT_HAS_EXPIRED, sts::certificate_category())`.
/// Messages are those of OpenSSL's `X509_verify_cert_error_string()`.
///
/// Never fails. Thread-safe. The rules that a certificate is held against are those of RFC 5280 section 6
/// and RFC 9525 section 6.
EQUINIX_STS_DECL boost::system::error_category const& certificate_category() noexcept;

/// The category of TLS alerts: the values are the numbers of RFC 8446 section 6, whichever end sends the
/// alert, as in `info.code == boost::system::error_code(116, sts::tls_alert_category())`. Messages are the
/// names that the RFC gives them, as in `"certificate_required"`. The alert in an `error_info` is always the
/// peer's.
///
/// Never fails. Thread-safe.
EQUINIX_STS_DECL boost::system::error_category const& tls_alert_category() noexcept;

/// Makes an `error_code` of a kind, so that `ec == error_kind::timeout` compiles.
EQUINIX_STS_DECL boost::system::error_code make_error_code(error_kind) noexcept;

/// An attempt that failed before the one whose error is told.
struct attempt_error {
    error_kind kind = error_kind::canceled; ///< what went wrong
    sts::phase phase = sts::phase::none;    ///< how far it had come
    boost::system::error_code code;         ///< the cause, as `error_info::code`
    unsigned http_status = 0;               ///< of its answer, 0 without one
    std::chrono::nanoseconds elapsed{};     ///< from the start of the exchange to the failure
};

/// All that is known of a failed exchange. Holds no secret: neither a body nor a token is ever in a text,
/// and what the service says is escaped, cut to 1 KiB and stripped of echoes of the request's secrets.
///
/// A plain value: thread-safety is that of its members.
struct EQUINIX_STS_DECL error_info {
    /// What went wrong: branch on this.
    error_kind kind = error_kind::canceled;

    /// How far the exchange had come.
    sts::phase phase = sts::phase::none;

    /// The cause where it has a code, else the kind as a code. By category:
    ///
    /// - `boost::system::system_category()`, `generic_category()`: what a system call reported
    /// - `resolver_category()`: why the host's name could not be looked up
    /// - `certificate_category()`: why the server's certificate was refused
    /// - `tls_alert_category()`: the alert by which the peer ended TLS
    ///
    /// Categories of no other library are among them, so codes compare equal in whatever part of a program
    /// they are looked at. Branch on `kind`, and on this where one cause needs a treatment of its own. Do not
    /// search `message`: its words may change with any version.
    boost::system::error_code code;

    /// Our own words: what happened, why, and what to do. ASCII but for what the system says of a cause in
    /// its locale, safe to log.
    std::string message;

    /// The option at fault, in an error of kind `config`: a member, as in `"client_options::limits.max_head"`
    /// or
    /// `"client_options::retry.max_delay"`, or an environment variable, as in `"EQUINIX_STS_CLIENT_ID"`.
    /// Where two go together, the one that is missing.
    ///
    /// Empty where an argument, a subject token or the system is at fault.
    std::string option;

    /// How often it was tried, the first time included: a try begins with opening a connection for it, or
    /// with a connection from the pool. 0 when it ended before.
    unsigned attempts = 0;

    /// The status of the answer, 0 without one.
    unsigned http_status = 0;

    /// The service's verdict: the member `error` of RFC 6749 section 5.2. Empty where absent.
    std::string oauth_error;

    /// The service's own words: `error_description`, likewise. Printable ASCII, but a stranger's.
    std::string oauth_error_description;

    /// Where the service tells more: `error_uri`, likewise. Not to be followed unasked.
    std::string oauth_error_uri;

    /// The code of an error object that is none of OAuth: the member `errorCode` in `{"error": {...}}`, as
    /// the service's other operations and gateways in front of it answer. Empty where absent. Printable
    /// ASCII, a stranger's.
    std::string service_code;

    /// Its text: `errorMessage`, `message` or `details`, likewise.
    std::string service_message;

    /// How long the service asks to wait (`Retry-After`, RFC 9110 section 10.2.3).
    std::optional<std::chrono::seconds> retry_after;

    /// Whether the subject token says of itself that it has expired: it was not sent.
    bool subject_expired = false;

    /// Whether any byte of the request may have reached the service, in any attempt.
    bool request_sent = false;

    /// The attempts that failed before, in their order.
    std::vector<attempt_error> earlier;

    /// Whether trying the same again later can help.
    bool retryable() const noexcept;

    /// Whether the subject token is at fault: it has expired, or the service has refused it for good
    /// (`invalid_grant`; `invalid_request`, as RFC 8693 section 2.2.2 has it; `invalid_token`). A gateway
    /// that exchanges the tokens of its users answers 401 then. Everything else is a fault of its own, or of
    /// the service: a scope that was not granted, a client that is not authenticated, what may pass.
    bool subject_refused() const noexcept;

    /// Its entry in `doc/troubleshooting.md`, as in `troubleshooting.md#tls`: that of the OAuth error, where
    /// it has one.
    std::string help() const;

    /// One line for a log: kind, phase, status, our words, the service's words, the earlier attempts, and
    /// `help()` in brackets.
    std::string to_string() const;
};

/// A value or the reason why there is none. Ask `has_error()` first: `error()` of a success means nothing.
template <class T, class E = error_info>
using result = boost::system::result<T, E>;

/// The exception that carries an `error_info`. `what()` is its `to_string()`.
class EQUINIX_STS_DECL error : public std::runtime_error {
public:
    /// Takes what is known. Throws `std::bad_alloc`.
    explicit error(error_info info);

    /// What is known; valid as long as this or a copy of it.
    error_info const& info() const noexcept { return *info_; }

    /// Short for `info().kind`.
    error_kind kind() const noexcept { return info_->kind; }

private:
    std::shared_ptr<error_info const> info_; // shared: copying an exception must not throw
};

/// What `result<T>::value()` calls when there is no value.
[[noreturn]] EQUINIX_STS_DECL void throw_exception_from_error(error_info const&,
                                                              boost::source_location const&);

} // namespace equinix::sts

/// \cond
/// So that an `error_kind` converts to an `error_code`.
template <>
struct boost::system::is_error_code_enum<equinix::sts::error_kind> : std::true_type {};
/// \endcond
