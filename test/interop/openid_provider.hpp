// A real OpenID provider (npm's oidc-provider), whose ID tokens its own token endpoint exchanges.
#pragma once

#include "interop/origin.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <vector>

namespace test {

class openid_provider : public origin {
public:
    /// The one client that may exchange ID tokens; it has no secret.
    static constexpr char exchanging_client[] = "exchanger";

    /// `id` and `secret` are those of the one client that may have client credentials.
    explicit openid_provider(std::string const& id = "machine", std::string const& secret = "a-secret");

    /// That client has a key, which this is the public half of, instead of a secret. `nonces`: proofs of
    /// possession need them.
    static openid_provider with_key(std::string const& id, std::string const& jwk, bool nonces = false) {
        return openid_provider(
            boost::json::value{{"id", id}, {"jwk", boost::json::parse(jwk)}, {"nonces", nonces}});
    }

    /// The options of a client that trusts and asks this server, and would try again where that may help.
    sts::client_options options() const;

    /// An ID token that the provider has issued: "good", "expired" or "wrong_audience"; or that another has
    /// issued in its name: "forged".
    sts::subject_token id_token(std::string const& kind) const;

    /// Each token request that was received: the status, and the error if there was one.
    std::vector<std::string> requests() const;

private:
    explicit openid_provider(boost::json::value const& client);
};

} // namespace test
