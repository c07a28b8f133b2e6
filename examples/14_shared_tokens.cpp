// Two processes that share their tokens through a directory: here one after the other, in one program. The
// second gets the token of the first from the store.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;

// [directory]
sts::refresh_options shared_in(std::string const& directory) {
    sts::refresh_options options;
    options.sharing.store = sts::file_store(directory); // created with mode 0700 if it is missing
    options.sharing.identity = "orders@production";     // names the principal of the subject tokens
    return options;
}
// [directory]

// [process]
asio::awaitable<void> process(sts::client client, sts::exchange_request request, std::string directory) {
    sts::token_source const tokens(client, request, shared_in(directory));
    auto const token = co_await tokens.get();
    auto const seen = tokens.stats().store;
    std::cout << "a token of " << token->access_token.size() << " bytes from the "
              << (seen.hits != 0 ? "store" : "service") << '\n';
    co_await tokens.shutdown(); // also waits until the token is in the store
}
// [process]

int main() {
    sts::testing::mock_sts const service;
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    std::string folder = std::filesystem::temp_directory_path() / "shared-tokens-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) return 1;

    constexpr int processes = 2;
    int served = 0;
    for (int i = 0; i < processes; ++i) {
        asio::io_context context;
        sts::client const client(context.get_executor(), options);
        // Each has a subject token of its own; the identity says that all are of the same principal.
        auto const request = sts::exchange_request(sts::subject_token(service.id_token()))
                                 .scope(sts::scope::role_assignments("4711"));
        asio::co_spawn(context, process(client, request, folder + "/tokens"),
                       [&](std::exception_ptr const& failed) {
                           if (!failed) ++served;
                           client.close();
                       });
        context.run();
    }
    std::cout << "exchanges: " << service.requests() << '\n';
    std::filesystem::remove_all(folder);
    return served == processes ? 0 : 1;
}
