// What the environment's variables say; the names are those of the service's Terraform provider.
#include "core/environment.hpp"

#include "core/failure.hpp"

#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/options.hpp>
#include <equinix/sts/suppliers.hpp>

#include <charconv>
#include <string>

namespace equinix::sts {
namespace {

namespace names = core::variables;

std::chrono::seconds timeout_of(std::string_view text) {
    long seconds = 0;
    auto const* const end = text.data() + text.size();
    auto const read = std::from_chars(text.data(), end, seconds);
    constexpr long most = 1'000'000'000;
    if (read.ec != std::errc() || read.ptr != end || seconds < 1 || seconds > most)
        core::refuse(std::string(names::timeout) + " must be a whole number of seconds, at least 1");
    return std::chrono::seconds(seconds);
}

/// Makes a value; when it is refused the message says which variable it came from.
template <class Make>
auto from_variable(char const* name, Make make) {
    try {
        return make();
    } catch (error const& refused) {
        core::refuse(std::string(name) + ": " + refused.info().message);
    }
}

} // namespace

client_options client_options::from_environment() {
    client_options options;
    if (auto const base = core::variable(names::endpoint); !base.empty())
        options.endpoint = from_variable(names::endpoint, [&] {
            return base.ends_with("/token") ? sts::endpoint(base) : sts::endpoint::from_base(base);
        });
    if (auto const text = core::variable(names::timeout); !text.empty()) options.timeout = timeout_of(text);
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
            request.scope(from_variable(names::scope, [&] { return sts::scope(std::string(scopes)); }));
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
    return exchange_request::client_credentials().authentication(from_variable(names::client_id, [&] {
        return client_authentication::secret_post(std::string(id), secret(client_secret));
    }));
}

} // namespace equinix::sts
