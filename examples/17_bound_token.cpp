// A token that is bound to a key (DPoP, RFC 9449), and calls of an API that requires a nonce in each proof.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <string>

namespace sts = equinix::sts;
namespace asio = boost::asio;

/// Checks and answers as an API does.
class ports_api {
public:
    struct answer {
        unsigned status;
        std::string www_authenticate, dpop_nonce;
    };

    answer get(std::string const& url, sts::secret const& authorization, std::string const& proof) {
        auto const token = authorization.without_prefix(std::string_view("DPoP ").size());
        auto const verdict = verifier_.check("GET", url, proof, token.reveal());
        if (verdict.refusal.empty()) return {200, "", verdict.nonce};
        return {401, verdict.wants_nonce ? "DPoP error=\"use_dpop_nonce\"" : "DPoP", verdict.nonce};
    }

private:
    sts::testing::proof_verifier verifier_{sts::testing::nonce_rule::lasting};
};

// [call]
/// Keep one `nonce` for each API, from call to call.
unsigned list_ports(ports_api& api, sts::token const& token, std::string& nonce) {
    std::string const url = "https://api.example.com/fabric/v4/ports?limit=20";
    for (bool repeated = false;; repeated = true) {
        auto const got = api.get(url, token.authorization(), token.proof("GET", url, nonce));
        if (auto const next = sts::dpop_nonce(got.dpop_nonce)) nonce = *next;
        if (repeated || !sts::wants_dpop_nonce(got.status, got.www_authenticate)) return got.status;
    }
}
// [call]

asio::awaitable<unsigned> list_twice(sts::client client, std::string id_token) {
    // [request]
    auto const key = sts::signing_key::generate(); // or from_file(path), from_uri("pkcs11:...")
    auto request =
        sts::exchange_request(sts::subject_token(id_token)).scope(sts::scope::role_assignments("42"));
    request.proof(key, sts::dpop_binding::required);
    sts::token_source const tokens(client, request);
    // [request]
    ports_api api;
    std::string nonce;
    auto const token = co_await tokens.get();
    list_ports(api, *token, nonce);
    co_return list_ports(api, *token, nonce);
}

int main() {
    sts::testing::mock_sts const service;
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    asio::io_context context;
    sts::client const client(context.get_executor(), options);
    unsigned status = 0;
    asio::co_spawn(context, list_twice(client, service.id_token()),
                   [&](std::exception_ptr const& thrown, unsigned got) {
                       if (!thrown) status = got;
                       client.close();
                   });
    context.run();
    std::cout << "the API returned " << status << '\n';
    return status == 200 ? 0 : 1;
}
