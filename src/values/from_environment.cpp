// Reads the environment's variables. Their names are those of the service's Terraform provider.
#include "values/variables.hpp"

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>
#include <equinix/sts/suppliers.hpp>

#include <optional>
#include <string>
#include <utility>

namespace equinix::sts {

namespace names = values::variables;

client_options client_options::from_environment() {
    client_options options;
    if (auto const given = values::endpoint_from_environment()) options.endpoint = *given;
    if (auto const given = values::timeout_from_environment()) options.timeout = *given;
    return options;
}

namespace {

/// `what` is empty when the variable with the scope is not set.
exchange_request request_from_environment(std::optional<scope> what) {
    if (values::environment_has_exchange()) {
        if (!what)
            base::refuse(names::scope,
                         " is not set: the service requires a scope for a token exchange, such as "
                         "roleassignments:<org_id>; set it, or pass the scope to from_environment()");
        return exchange_request(
                   suppliers::environment_named_by(names::subject_token_name, names::subject_token))
            .scope(std::move(*what));
    }
    if (base::variable(names::client_id).empty() && base::variable(names::client_secret).empty())
        base::refuse_option(names::subject_token,
                            "the environment has neither a subject token (" +
                                std::string(names::subject_token) + ", or the variable that " +
                                names::subject_token_name + " names) nor " + names::client_id + " and " +
                                names::client_secret + values::about_foreign_credentials());
    auto request =
        exchange_request::client_credentials().authentication(values::authentication_from_environment());
    if (what) request.scope(std::move(*what));
    return request;
}

} // namespace

exchange_request exchange_request::from_environment() {
    auto const scopes = base::variable(names::scope);
    if (scopes.empty()) return request_from_environment(std::nullopt);
    return request_from_environment(
        base::made_from(names::scope, [&] { return sts::scope(std::string(scopes)); }));
}

exchange_request exchange_request::from_environment(sts::scope what) {
    return request_from_environment(std::move(what));
}

} // namespace equinix::sts
