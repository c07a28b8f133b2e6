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
        return "check --client-id with its secret, or --bearer-file; a token exchange usually needs neither";
    if (error == "unsupported_grant_type") return "check --grant, and whether --url is the token operation";
    if (error == "invalid_target") return "check --resource and --audience";
    if (error != "invalid_grant" && error != "invalid_request") return "see what the service says of it";
    if (!subject) return "check the subject token and its type: the service expects an OIDC ID token";
    return "the service judges the ID token: its audience (" + audience_of(*subject) +
           ") must be the one that the\ntrusted client was registered with, its issuer (" + subject->issuer +
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
               "the service must show a certificate that is valid already";
    case X509_V_ERR_HOSTNAME_MISMATCH:
        return "the certificate is for other names: check the host in --url, or have the server\n"
               "show another certificate";
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "the certificate is for names or other addresses: give the host in --url by its name,\n"
               "or have the server show a certificate with that address in it";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return "the server signed its certificate itself: check host and port of --url; if it is meant\n"
               "to be so, get that very certificate from who runs the server and give it by --ca-file";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return "the root of the server's certificate is not trusted here: give it by --ca-file, or another\n"
               "one if one is given; behind a proxy that opens TLS it is the proxy's own authority";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return "give the authority that issued the server's certificate by --ca-file; if one is\n"
               "given, it is another one, or the server does not send the certificate in between";
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return "an authority of the right name has another key: --ca-file, or the system's authorities,\n"
               "are out of date, or the certificate is forged";
    case X509_V_ERR_CERT_REVOKED:
        return "the certificate was revoked: the service must replace it; do not use this server until then";
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
        return "a key in the server's chain is too short: the service needs a certificate with RSA of\n"
               "2,048 bits or an elliptic curve of 224 bits, or more";
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
        return "what issued the certificate may not vouch for this server: the service needs a certificate\n"
               "of another authority, or --ca-file another file";
    default:
        return "the service must show another certificate, one that follows RFC 5280: tell who runs it\n"
               "what is wrong; if an authority is missing, give it by --ca-file";
    }
}

/// By the alert with which the server ended TLS, a number of RFC 8446 section 6.
std::string advice_for_alert(int number) {
    constexpr char client_certificate[] =
        "the server wants to know who we are: give --client-cert and --client-key, by an\n"
        "authority that it trusts";
    switch (number) {
    case 40: // handshake_failure
        return "the server and this machine have nothing in common, or the server wants a client\n"
               "certificate (up to TLS 1.2 it says so by this): give --client-cert and --client-key if it\n"
               "does, else see what versions, suites and curves it speaks, and what openssl.cnf allows";
    case 41:  // no_certificate
    case 116: // certificate_required
        return client_certificate;
    case 42: // bad_certificate
        return std::string(client_certificate) + "; if they are given, the server cannot use them";
    case 43: // unsupported_certificate
        return "the server takes no client certificate of this kind: see what key and what usages it\n"
               "expects of what --client-cert names";
    case 44: // certificate_revoked
        return "our own certificate was revoked: replace what --client-cert names";
    case 45: // certificate_expired
        return "it is our own certificate that has expired: renew what --client-cert names";
    case 46: // certificate_unknown
        return "the server does not accept our own certificate, and does not say why: check what\n"
               "--client-cert names, its dates and its issuer";
    case 48: // unknown_ca
        return "the server does not know the authority of our own certificate: give one by --client-cert\n"
               "that it trusts, with the certificates in between in the same file";
    case 49: // access_denied
        return "the server knows our own certificate and does not let it in: have it registered there";
    case 70: // protocol_version
        return "the server speaks neither TLS 1.2 nor 1.3, or openssl.cnf allows only one that it does\n"
               "not: have it brought up to date, or check MinProtocol there";
    case 71: // insufficient_security
        return "the server demands more than is offered: see what openssl.cnf allows (CipherString, Groups)";
    case 80: // internal_error
        return "the server failed by itself: try later, and tell who runs it";
    case 112: // unrecognized_name
        return "the server has nothing under that name: check the host in --url, and that the name leads\n"
               "to the right server";
    case 120: // no_application_protocol
        return "what listens there does not speak HTTP/1.1: check host and port of --url";
    default:
        return "the server, or something on the way that opens TLS, does not get along with this client:\n"
               "check host and port of --url, and --proxy";
    }
}

std::string advice_for_tls(error_info const& failed) {
    if (failed.code.category() == certificate_category()) return advice_for_certificate(failed.code.value());
    if (failed.code.category() == tls_alert_category()) return advice_for_alert(failed.code.value());
    return "what listens there speaks no TLS, or none that is safe: check host and port of --url";
}

/// For a look-up that failed or timed out.
std::string advice_for_look_up(error_info const& failed) {
    constexpr char proxy[] = ";\nwhere only a proxy reaches the Internet, give --proxy";
    if (failed.code.category() != resolver_category())
        return std::string("check the host's spelling and this machine's name server (/etc/resolv.conf)") +
               proxy;
    switch (failed.code.value()) {
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
        return std::string("nobody knows that host: check its spelling, and whether this machine's\n"
                           "name server (/etc/resolv.conf) knows the network that it is in") +
               proxy;
    case EAI_AGAIN:
    case EAI_FAIL:
        return std::string("this machine's name server does not answer, or refuses to: see\n"
                           "/etc/resolv.conf and whether the network is up") +
               proxy;
    default:
        return std::string("check this machine's name service: /etc/nsswitch.conf and /etc/resolv.conf") +
               proxy;
    }
}

/// For what the system itself lacks or denies; empty if that is not the cause.
std::string advice_for_system(boost::system::error_code const& cause) {
    if (cause == errc::too_many_files_open || cause == errc::too_many_files_open_in_system)
        return "raise the limit of open files (ulimit -n)";
    if (cause == errc::not_enough_memory || cause == errc::no_buffer_space)
        return "this machine, or the container, is out of memory";
    if (cause == errc::resource_unavailable_try_again)
        return "raise the limit of threads: ulimit -u, or that of the container";
    if (cause == errc::function_not_supported || cause == errc::operation_not_permitted)
        return "the system denies what is needed: check the firewall, and the container's seccomp profile";
    return {};
}

std::string advice_for_connect(boost::system::error_code const& cause) {
    if (cause == errc::connection_refused)
        return "nothing listens there: check host and port, and whether a --proxy is needed";
    if (cause == errc::network_unreachable || cause == errc::host_unreachable)
        return "there is no way to that host: check this machine's network and routes, and whether a\n"
               "--proxy is needed";
    if (cause == errc::permission_denied || cause == errc::operation_not_permitted)
        return "a firewall or policy of this machine or container denies the connection";
    return "nothing accepts connections there: check the port, the firewall,\n"
           "and whether a --proxy is needed";
}

std::string advice_for_options(error_info const& failed) {
    if (auto advice = advice_for_system(failed.code); !advice.empty()) return advice;
    return "correct " + (failed.option.empty() ? "what is named" : option_in_our_words(failed));
}

std::string advice_for_timeout(sts::phase where) {
    if (where == phase::read)
        return "the service is slow: give more time by --timeout-ms and --attempt-timeout-ms";
    if (where == phase::supplier) return "what makes the subject token is slow: see to that first";
    return "something on the way is silent: check the firewall and --proxy, or give more\n"
           "time by --timeout-ms and --connect-timeout-ms";
}

} // namespace

std::string advice_for(error_info const& failed, std::optional<id_token> const& subject) {
    constexpr char no_token_service[] =
        "what answers does not speak as a token service: check host, port and path of --url";
    switch (failed.kind) {
    case error_kind::dns:
        return advice_for_look_up(failed);
    case error_kind::connect:
        return advice_for_connect(failed.code);
    case error_kind::proxy:
        if (failed.http_status == 407)
            return "the proxy wants other credentials: --proxy http://user:password@host:port";
        return "have the proxy allow CONNECT to the endpoint's host and port";
    case error_kind::tls:
        return advice_for_tls(failed);
    case error_kind::timeout:
        return failed.phase == phase::dns ? advice_for_look_up(failed) : advice_for_timeout(failed.phase);
    case error_kind::redirect:
        return "give the final URL by --url";
    case error_kind::http:
        return failed.http_status == 404 || failed.http_status == 405
                   ? "check the path of --url: the operation is at /use/token or at /v1/token"
                   : "see what the service says of it, and what stands in front of it";
    case error_kind::oauth:
        return advice_for_oauth(failed, subject);
    case error_kind::unavailable:
        return "the service asks to try later";
    case error_kind::config:
        return advice_for_options(failed);
    case error_kind::network:
        if (auto advice = advice_for_system(failed.code); !advice.empty()) return advice;
        if (failed.phase == phase::dns) return advice_for_look_up(failed);
        if (failed.phase == phase::tls)
            return "the connection is ended before TLS is spoken: check host and port of --url, and what\n"
                   "is on the way (firewall, load balancer)";
        return no_token_service;
    case error_kind::truncated:
    case error_kind::protocol:
    case error_kind::malformed:
        return no_token_service;
    default:
        return {};
    }
}

} // namespace equinix::sts::tool::doctor
