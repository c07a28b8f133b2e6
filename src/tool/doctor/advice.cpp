#include "tool/doctor/advice.hpp"

#include "tool/our_words.hpp"

#include <netdb.h>
#include <openssl/x509_vfy.h>

namespace equinix::sts::tool::doctor {
namespace {

namespace errc = boost::system::errc;

std::string advice_for_oauth(error_info const& failed, std::optional<id_token> const& subject) {
    auto const& error = failed.oauth_error;
    if (error == "invalid_scope")
        return "check --scope: the organisation or policy must exist, and the subject must have been granted "
               "it";
    if (error == "invalid_client" || error == "unauthorized_client")
        return "check --client-id with its secret, or with its key (is it the one that the service knows, "
               "with\n"
               "this --client-assertion-key-id and --client-assertion-audience?), or --bearer-file; a token\n"
               "exchange usually needs none of them";
    if (error == "unsupported_grant_type") return "check --grant, and whether --url is the token operation";
    if (error == "invalid_target") return "check --resource and --audience";
    if (error != "invalid_grant" && error != "invalid_request") return "read the service's own message";
    if (!subject) return "check the subject token and its type: the service expects an OIDC ID token";
    return "the service checks the ID token: its audience (" + audience_of(*subject) +
           ") must be the one of the\nregistered trusted client, its issuer (" + subject->issuer +
           ") a registered OIDC provider, and it must not have expired";
}

/// By the reason why the server's certificate was refused: `X509_V_ERR_*`.
std::string advice_for_certificate(int cause) {
    switch (cause) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "the service must renew its certificate or the one that issued it, unless this machine's\n"
               "clock is ahead (timedatectl, chronyc tracking)";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "set this machine's clock if it is behind (timedatectl, chronyc tracking); if it is right,\n"
               "the service must present a certificate that is already valid";
    case X509_V_ERR_HOSTNAME_MISMATCH:
        return "the certificate is for other names: check the host in --url, or have the server\n"
               "present another certificate";
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "the certificate is for names or other addresses: use the host's name in --url,\n"
               "or have the server present a certificate with that address in it";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return "the server's certificate is self-signed: check host and port of --url; if that is\n"
               "intended, get that certificate from the operator of the server and pass it with --ca-file";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return "the root of the server's certificate is not trusted here: pass it with --ca-file, or\n"
               "correct that file; behind a proxy that intercepts TLS it is the proxy's own authority";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return "pass the authority that issued the server's certificate with --ca-file; if that is\n"
               "given, it contains another one, or the server does not send an intermediate certificate";
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return "an authority with the right name has another key: --ca-file or the system's authorities\n"
               "are out of date, or the certificate is forged";
    case X509_V_ERR_CERT_REVOKED:
        return "the certificate was revoked: the service must replace it; do not use this server until then";
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
        return "a key in the server's chain is too short: the service needs a certificate with RSA of at\n"
               "least 2,048 bits or an elliptic curve of at least 224 bits";
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return "a signature in the server's chain uses a weak digest, such as SHA-1: the service needs a\n"
               "certificate that is signed with SHA-256 or better";
    case X509_V_ERR_INVALID_PURPOSE:
        return "the certificate is not for servers: the service needs one with serverAuth among its\n"
               "extended key usages";
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_NO_EXPLICIT_POLICY:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED:
        return "the issuer of the certificate is not allowed to certify this server: the service needs a\n"
               "certificate of another authority, or pass another file with --ca-file";
    default:
        return "the service must present a certificate that conforms to RFC 5280: report the error to its\n"
               "operator; if an authority is missing, pass it with --ca-file";
    }
}

/// By the alert with which the server ended TLS, a number of RFC 8446 section 6.
std::string advice_for_alert(int number) {
    constexpr char client_certificate[] =
        "the server requires a client certificate: give --client-cert and --client-key, issued by\n"
        "an authority that it trusts";
    switch (number) {
    case 40: // handshake_failure
        return "server and client have no version, suite or curve in common, or the server requires a\n"
               "client certificate (up to TLS 1.2, this alert also means that): give --client-cert and\n"
               "--client-key if it does, else compare what it supports with what openssl.cnf allows";
    case 41:  // no_certificate
    case 116: // certificate_required
        return client_certificate;
    case 42: // bad_certificate
        return std::string(client_certificate) + "; if they are given, the server cannot use them";
    case 43: // unsupported_certificate
        return "the server accepts no client certificate of this kind: check which key and usages it\n"
               "expects of the certificate in --client-cert";
    case 44: // certificate_revoked
        return "the client certificate was revoked: replace the one in --client-cert";
    case 45: // certificate_expired
        return "the client certificate has expired: renew the one in --client-cert";
    case 46: // certificate_unknown
        return "the server does not accept the client certificate and does not say why: check the dates\n"
               "and the issuer of the one in --client-cert";
    case 48: // unknown_ca
        return "the server does not know the authority of the client certificate: give --client-cert one\n"
               "that it trusts, with the intermediate certificates in the same file";
    case 49: // access_denied
        return "the server knows the client certificate but denies it access: have it registered there";
    case 70: // protocol_version
        return "the server supports neither TLS 1.2 nor 1.3, or openssl.cnf allows only a version that it\n"
               "does not support: have the server updated, or check MinProtocol in openssl.cnf";
    case 71: // insufficient_security
        return "the server requires more security than is offered: check openssl.cnf (CipherString, Groups)";
    case 80: // internal_error
        return "the server has an internal error: try later, and report it to the operator";
    case 112: // unrecognized_name
        return "the server does not serve that name: check the host in --url, and that the name resolves\n"
               "to the right server";
    case 120: // no_application_protocol
        return "the server there does not support HTTP/1.1: check host and port of --url";
    default:
        return "the server, or an intermediary that intercepts TLS, is not compatible with this client:\n"
               "check host and port of --url, and --proxy";
    }
}

std::string advice_for_tls(error_info const& failed) {
    if (failed.code.category() == certificate_category()) return advice_for_certificate(failed.code.value());
    if (failed.code.category() == tls_alert_category()) return advice_for_alert(failed.code.value());
    return "the server there does not use TLS, or only an unsafe version: check host and port of --url";
}

/// For a look-up that failed or timed out.
std::string advice_for_look_up(error_info const& failed) {
    constexpr char proxy[] = ";\nif only a proxy reaches the Internet, give --proxy";
    if (failed.code.category() != resolver_category())
        return std::string("check the host's spelling and this machine's name server (/etc/resolv.conf)") +
               proxy;
    switch (failed.code.value()) {
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
        return std::string("the host does not exist: check its spelling, and whether this machine's\n"
                           "name server (/etc/resolv.conf) knows the host's network") +
               proxy;
    case EAI_AGAIN:
    case EAI_FAIL:
        return std::string("this machine's name server does not answer or refuses to: check\n"
                           "/etc/resolv.conf, and whether the network is up") +
               proxy;
    default:
        return std::string("check this machine's name service: /etc/nsswitch.conf and /etc/resolv.conf") +
               proxy;
    }
}

/// For what the system itself lacks or denies; empty if that is not the cause.
std::string advice_for_system(boost::system::error_code const& cause) {
    if (cause == errc::too_many_files_open || cause == errc::too_many_files_open_in_system)
        return "raise the limit of open files: ulimit -n";
    if (cause == errc::not_enough_memory || cause == errc::no_buffer_space)
        return "this machine, or the container, is out of memory";
    if (cause == errc::resource_unavailable_try_again)
        return "raise the limit of threads: ulimit -u, or that of the container";
    if (cause == errc::function_not_supported || cause == errc::operation_not_permitted)
        return "the system denies a required call: check the firewall, and the container's seccomp profile";
    return {};
}

std::string advice_for_connect(boost::system::error_code const& cause) {
    if (cause == errc::connection_refused)
        return "nothing listens there: check host and port, and whether a --proxy is needed";
    if (cause == errc::network_unreachable || cause == errc::host_unreachable)
        return "there is no route to that host: check this machine's network and routes, and whether a\n"
               "--proxy is needed";
    if (cause == errc::permission_denied || cause == errc::operation_not_permitted)
        return "a firewall or policy of this machine or container denies the connection";
    return "nothing accepts connections there: check the port, the firewall,\n"
           "and whether a --proxy is needed";
}

std::string advice_for_options(error_info const& failed) {
    if (auto advice = advice_for_system(failed.code); !advice.empty()) return advice;
    return "correct " +
           (failed.option.empty() ? "the value that the message names" : option_in_our_words(failed));
}

std::string advice_for_timeout(sts::phase where) {
    if (where == phase::read) return "the service is slow: raise --timeout-ms and --attempt-timeout-ms";
    if (where == phase::supplier) return "the source of the subject token is slow: correct that first";
    return "something on the network path does not respond: check the firewall and --proxy, or\n"
           "raise --timeout-ms and --connect-timeout-ms";
}

} // namespace

std::string advice_for(error_info const& failed, std::optional<id_token> const& subject) {
    constexpr char no_token_service[] =
        "the server does not respond like a token service: check host, port and path of --url";
    switch (failed.kind) {
    case error_kind::dns:
        return advice_for_look_up(failed);
    case error_kind::connect:
        return advice_for_connect(failed.code);
    case error_kind::proxy:
        if (failed.http_status == 407)
            return "the proxy requires other credentials: give --proxy http://user:password@host:port";
        return "have the proxy allow CONNECT to the endpoint's host and port";
    case error_kind::tls:
        return advice_for_tls(failed);
    case error_kind::timeout:
        return failed.phase == phase::dns ? advice_for_look_up(failed) : advice_for_timeout(failed.phase);
    case error_kind::redirect:
        return "give the final URL with --url";
    case error_kind::http:
        return failed.http_status == 404 || failed.http_status == 405
                   ? "check the path of --url: the token operation is at /use/token or at /v1/token"
                   : "read the service's own message, and check the gateways in front of it";
    case error_kind::oauth:
        return advice_for_oauth(failed, subject);
    case error_kind::unavailable:
        return "the service is temporarily unavailable: try later";
    case error_kind::config:
        return advice_for_options(failed);
    case error_kind::network:
        if (auto advice = advice_for_system(failed.code); !advice.empty()) return advice;
        if (failed.phase == phase::dns) return advice_for_look_up(failed);
        if (failed.phase == phase::tls)
            return "the connection is closed before the TLS handshake is complete: check host and port of\n"
                   "--url, and the network path (firewall, load balancer)";
        return no_token_service;
    case error_kind::truncated:
    case error_kind::protocol:
    case error_kind::malformed:
        return no_token_service;
    case error_kind::key:
        return "the signing key no longer signs: check that its token is plugged in and unlocked";
    default:
        return {};
    }
}

} // namespace equinix::sts::tool::doctor
