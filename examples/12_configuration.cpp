// Options and requests for common situations. They are only created: nothing is sent.
#include <equinix/sts.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/core/ignore_unused.hpp>

#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;
using namespace std::chrono_literals;

void bounds(sts::client_options& options) {
    // [bounds]
    options.endpoint = sts::endpoint("https://sts.eqix.equinix.com/v1/token"); // default: /use/token
    options.timeout = 10s;             // the whole exchange: queue, name, TCP, TLS, all attempts and waits
    options.connect_timeout = 2s;      // opening one connection
    options.attempt_timeout = 4s;      // one attempt
    options.pool.max_connections = 16; // further concurrent exchanges wait in a queue
    options.pool.max_waiters = 1000;   // a further one fails immediately with kind limit
    options.retry.max_attempts = 3;    // including the first
    options.user_agent = "billing/2.1";
    // [bounds]
}

void way_there(sts::client_options& options, std::string const& folder) {
    // [tls]
    options.tls.ca_file = folder + "/ca.pem"; // replaces the system's authorities
    options.tls.client_certificate_file = folder + "/tls.crt";
    options.tls.client_key_file = folder + "/tls.key";
    // After the files have been renewed: client.reload_certificates()
    // [tls]
    // [proxy]
    options.proxy = sts::proxy("http://user:password@proxy.example.com:3128");
    options.proxy = sts::proxy::from_environment(options.endpoint); // or from https_proxy and no_proxy
    // [proxy]
}

sts::exchange_request by_supplier() {
    // [supplier]
    return sts::exchange_request(sts::suppliers::kubernetes("/var/run/secrets/tokens/equinix-sts"))
        .scope(sts::scope::role_assignments("4711"));
    // [supplier]
}

// [own_supplier]
asio::awaitable<sts::subject_token> from_my_vault(sts::supply_context context) {
    boost::ignore_unused(context.deadline()); // co_await your platform's token until then
    co_return sts::subject_token(sts::secret("an ID token"));
}
sts::exchange_request by_my_vault() {
    return sts::exchange_request(sts::suppliers::coroutine(from_my_vault))
        .scope(sts::scope::org_policies("4711"));
}
// [own_supplier]

sts::exchange_request by_my_broker() {
    // [http_supplier]
    sts::suppliers::http_options how;
    how.headers.emplace_back("Authorization", sts::secret("Bearer of-my-broker"));
    how.body = sts::secret(R"({"audience": "equinix"})"); // sent by POST
    how.json_pointer = "/data/token";
    return sts::exchange_request(sts::suppliers::http("https://broker.example.com/v1/token", how))
        .scope(sts::scope::org_policies("4711"));
    // [http_supplier]
}

sts::exchange_request client_credentials(std::string id, sts::secret secret) {
    // [client_credentials]
    return sts::exchange_request::client_credentials()
        .scope(sts::scope("roleassignments:4711"))
        .authentication(sts::client_authentication::secret_basic(id, secret)); // or secret_post
    // [client_credentials]
}

int main() try {
    asio::io_context context;
    sts::client_options options;
    bounds(options);
    sts::client const client(context.get_executor(), options);
    for (auto const& request :
         {by_supplier(), by_my_vault(), by_my_broker(), client_credentials("id", sts::secret("secret"))})
        sts::token_source const tokens(client, request);
    way_there(options, "/nonexistent");
    sts::client const refused(context.get_executor(), options);
    return 1;
} catch (sts::error const& error) {
    std::cout << error.what() << '\n'; // names the option that cannot be used
    return error.kind() == sts::error_kind::config ? 0 : 1;
}
