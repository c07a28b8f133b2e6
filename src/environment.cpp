// What the environment's variables say; the names are those of the service's Terraform provider.
#include "core/environment_options.hpp"

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>
#include <equinix/sts/suppliers.hpp>

#include <string>

namespace equinix::sts {

namespace names = core::variables;

client_options client_options::from_environment() {
    client_options options;
    if (auto const given = core::endpoint_from_environment()) options.endpoint = *given;
    if (auto const given = core::timeout_from_environment()) options.timeout = *given;
    return options;
}

exchange_request exchange_request::from_environment() {
    auto const scopes = core::variable(names::scope);
    bool const exchange = !scopes.empty() || !core::variable(names::subject_token_name).empty() ||
                          !core::variable(names::subject_token).empty();
    auto const id = core::variable(names::client_id);
    auto const client_secret = core::variable(names::client_secret);
    auto const with_scope = [&](exchange_request request) {
        if (!scopes.empty())
            request.scope(core::made_from(names::scope, [&] { return sts::scope(std::string(scopes)); }));
        return request;
    };
    if (exchange)
        return with_scope(exchange_request(
            suppliers::environment_named_by(names::subject_token_name, names::subject_token)));
    if (id.empty() && client_secret.empty())
        core::refuse("the environment has neither a subject token (" + std::string(names::subject_token) +
                     ", or the variable that " + names::subject_token_name + " names) nor " +
                     names::client_id + " and " + names::client_secret);
    if (id.empty() || client_secret.empty())
        core::refuse(std::string(names::client_id) + " and " + names::client_secret + " go together");
    return exchange_request::client_credentials().authentication(core::made_from(names::client_id, [&] {
        return client_authentication::secret_post(std::string(id), secret(client_secret));
    }));
}

} // namespace equinix::sts
