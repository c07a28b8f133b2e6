// A gateway that calls an API on behalf of its users. It exchanges the ID token of each user once and caches
// the access token.
#include "support/https.hpp"
#include "support/orders_api.hpp"

#include <equinix/sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <map>

namespace sts = equinix::sts;
namespace asio = boost::asio;
namespace http = boost::beast::http;

// [use]
asio::awaitable<http::status> forward(sts::token_cache cache, sts::subject_token users_token,
                                      support::orders_api const& api) {
    auto const request = sts::exchange_request(users_token).scope(sts::scope::org_policies("4711"));
    auto const key = cache.key_of(request); // a digest: the cache stores no token as a key
    for (int attempt = 1;; ++attempt) {
        auto const token = co_await cache.try_get(key, request);
        if (token.has_error()) {
            // The user is at fault only if the token has expired or was refused. A wrong scope, for example,
            // is the gateway's fault.
            bool const refused = token.error().subject_refused();
            co_return refused ? http::status::unauthorized : http::status::bad_gateway;
        }
        auto const answer =
            co_await support::https_get(api.port(), api.ca_pem(), "/orders", (*token)->authorization());
        if (answer.result() != http::status::unauthorized || attempt == 2) co_return answer.result();
        cache.invalidate(key, **token);
    }
}
// [use]

int main() {
    sts::testing::mock_sts const service;
    support::orders_api const api(service);
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();

    asio::io_context context;
    sts::client const client(context.get_executor(), options);
    sts::cache_options limits;
    limits.max_keys = 10'000; // the number of users whose tokens are cached
    sts::token_cache const cache(client, limits);

    constexpr int users = 20, requests = 200;
    std::map<http::status, int> answers;
    int left = requests;
    for (int i = 0; i < requests; ++i) {
        auto claims = sts::testing::id_token_claims().subject("user" + std::to_string(i % users));
        if (i % users == 0) claims.lifetime(std::chrono::minutes(-5)); // the first user's token has expired
        static std::map<int, std::string> id_tokens;
        auto const id_token = id_tokens.try_emplace(i % users, service.id_token(claims)).first->second;
        asio::co_spawn(context, forward(cache, sts::subject_token(id_token), api),
                       [&](std::exception_ptr const& thrown, http::status answer) {
                           if (!thrown) ++answers[answer];
                           if (--left == 0) cache.close(), client.close();
                       });
    }
    context.run();
    for (auto const& [status, count] : answers)
        std::cout << count << " responses with status " << status << '\n';
    std::cout << service.requests() << " exchanges for " << users << " users\n";
    return answers[http::status::ok] == 190 && answers[http::status::unauthorized] == 10 ? 0 : 1;
}
