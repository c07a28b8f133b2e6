#include "tool/check_arguments.hpp"

#include "base/variable.hpp"
#include "tool/subject_platform.hpp"
#include "values/variables.hpp"

#include <string>
#include <utility>

namespace equinix::sts::tool {
namespace {

void check_keys(exchange_arguments const& given) {
    using method = client_authentication::method;
    bool const signs = given.client_auth == method::private_key_jwt;
    if (signs && given.assertion_key.empty())
        throw usage_error("--client-auth private-key-jwt needs --client-assertion-key");
    if (given.client_auth && !signs && !given.assertion_key.empty())
        throw usage_error("--client-assertion-key needs --client-auth private-key-jwt, or no --client-auth");
    for (auto const& [name, other] : {std::pair("--client-secret-file", &given.client_secret_file),
                                      std::pair("--bearer-file", &given.bearer_file)})
        if (!given.assertion_key.empty() && !other->empty())
            throw usage_error("--client-assertion-key and " + std::string(name) + " exclude each other");
    if (!given.assertion_key.empty() && given.client_id.empty() &&
        base::variable(values::variables::client_id).empty())
        throw usage_error("--client-assertion-key needs --client-id, or EQUINIX_STS_CLIENT_ID");
    if (given.assertion_key.empty() && !(given.assertion_key_id.empty() && given.assertion_audience.empty()))
        throw usage_error(
            "--client-assertion-key-id and --client-assertion-audience need --client-assertion-key");
    bool const binds = given.dpop || given.dpop_required || !given.dpop_key.empty();
    if (given.signing_alg && !binds && given.assertion_key.empty())
        throw usage_error("--signing-alg needs --dpop, --dpop-key or --client-assertion-key");
    bool const is_header = given.output == output_form::header || given.output == output_form::curl_config;
    if (!given.api_url.empty() && !is_header) throw usage_error("--api needs --output header or curl-config");
    if (!given.api_url.empty() && !binds) throw usage_error("--api needs --dpop or --dpop-key");
    if (!given.api_url.empty() && !given.requested_token_type.empty())
        throw usage_error(
            "--api and --requested-token-type exclude each other: only an access token is for an API");
}

} // namespace

void check(exchange_arguments const& given) {
    if (!given.subject_token_file.empty() + !given.subject_token_env.empty() +
            !given.subject_token_command.empty() + !given.subject_from.empty() >
        1)
        throw usage_error("--subject-token-file, --subject-token-env, --subject-token-command and "
                          "--subject-from exclude each other");
    if (!given.subject_from.empty()) check_platform(given.subject_from, given.subject_audience);
    if (given.subject_from.empty() && !given.subject_audience.empty())
        throw usage_error("--subject-audience needs --subject-from");
    if (!given.client_secret_file.empty() && given.client_id.empty() &&
        base::variable(values::variables::client_id).empty())
        throw usage_error("--client-secret-file needs --client-id, or EQUINIX_STS_CLIENT_ID");
    if (!given.client_secret_file.empty() && !given.bearer_file.empty())
        throw usage_error("--client-secret-file and --bearer-file exclude each other");
    if (!given.client_id.empty() && !given.bearer_file.empty())
        throw usage_error("--client-id and --bearer-file exclude each other");
    if (given.client_certificate_file.empty() && !given.client_key_file.empty())
        throw usage_error("--client-key needs --client-cert");
    if (given.client_certificate_file.empty() && given.dpop_key.empty() && given.assertion_key.empty() &&
        !given.client_key_passphrase_file.empty())
        throw usage_error(
            "--client-key-passphrase-file needs --client-cert, --dpop-key or --client-assertion-key");
    check_keys(given);
    if (given.proxy.empty() && !given.proxy_header_file.empty())
        throw usage_error("--proxy-header-file needs --proxy");
    if (given.store.empty())
        for (auto const& [name, value] :
             {std::pair("--store-key-file", &given.store_key_file),
              std::pair("--store-user", &given.store_user),
              std::pair("--store-password-file", &given.store_password_file),
              std::pair("--store-sentinel-user", &given.store_sentinel_user),
              std::pair("--store-sentinel-password-file", &given.store_sentinel_password_file),
              std::pair("--store-ca-file", &given.store_ca_file),
              std::pair("--store-namespace", &given.store_namespace),
              std::pair("--store-identity", &given.store_identity)})
            if (!value->empty()) throw usage_error(std::string(name) + " needs --store");
    if (given.client_auth && given.assertion_key.empty() && given.client_secret_file.empty() &&
        base::variable(values::variables::client_secret).empty())
        throw usage_error("--client-auth needs --client-secret-file, or EQUINIX_STS_CLIENT_SECRET");
}

} // namespace equinix::sts::tool
