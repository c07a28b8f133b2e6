#include <equinix/sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

boost::asio::awaitable<void> run() {
    auto const executor = co_await boost::asio::this_coro::executor;
    auto const tokens = equinix::sts::token_source::from_environment(executor);
    auto const token = co_await tokens.get();
    std::cout << "a token of " << token->access_token.size() << " bytes\n";
}

int main() try {
    boost::asio::io_context context;
    boost::asio::co_spawn(context, run(), [](std::exception_ptr failed) {
        if (failed) std::rethrow_exception(failed);
    });
    context.run();
} catch (equinix::sts::error const& failed) {
    std::cerr << failed.what() << '\n'; // what happened and what to do
    return 1;
}
