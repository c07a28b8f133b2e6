// Testing a fleet that shares its tokens, with a store in memory that fails on demand; and checking a store
// of your own. Use your test framework in place of main().
#include <equinix/sts.hpp>
#include <equinix/sts/testing/check_store.hpp>
#include <equinix/sts/testing/memory_store.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;
using sts::testing::store_fault;

// [fleet]
asio::awaitable<void> fleet(sts::client client, sts::exchange_request request) {
    auto const store = std::make_shared<sts::testing::memory_store>();
    sts::refresh_options options;
    options.sharing.store = store;
    options.sharing.keys = {sts::secret(std::string(32, 'k'))};
    sts::token_source const first(client, request, options);
    sts::token_source const second(client, request, options);
    co_await first.warm_up();
    co_await second.warm_up(); // with the token of the first

    store->faults([](std::string_view, std::string_view) { return store_fault(store_fault::type::refused); });
    sts::token_source const third(client, request, options);
    co_await third.warm_up(); // by an exchange of its own
    std::cout << store->names().size() << " record, " << third.stats().store.failures << " failures\n";
}
// [fleet]

// [check]
asio::awaitable<int> broken_rules(std::shared_ptr<sts::token_store> one,
                                  std::shared_ptr<sts::token_store> other) {
    auto const broken = co_await sts::testing::check_store(one, other);
    for (auto const& rule : broken)
        std::cout << rule << '\n';
    co_return static_cast<int>(broken.size());
}
// [check]

int main() {
    sts::testing::mock_sts const service;
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();

    asio::io_context context;
    sts::client const client(context.get_executor(), options);
    auto const request = sts::exchange_request(sts::subject_token(service.id_token()))
                             .scope(sts::scope::role_assignments("4711"));
    bool served = false;
    asio::co_spawn(context, fleet(client, request), [&](std::exception_ptr const& failed) {
        served = !failed;
        client.close();
    });
    int broken = 1;
    auto const store = std::make_shared<sts::testing::memory_store>();
    asio::co_spawn(context, broken_rules(store, store),
                   [&](std::exception_ptr const& failed, int rules) { broken = failed ? 1 : rules; });
    context.run();
    std::cout << "exchanges: " << service.requests() << ", broken rules: " << broken << '\n';
    return served && broken == 0 ? 0 : 1;
}
