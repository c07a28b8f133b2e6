// Unit tests of code that takes a token source, without a socket: a fixed token, and tokens from a function.
#include <equinix/sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;

/// The code under test.
asio::awaitable<std::string> header(sts::token_source tokens) {
    auto const token = co_await tokens.try_get();
    if (token.has_error()) co_return "no token: " + std::string(to_string(token.error().kind));
    co_return std::string((*token)->authorization().reveal());
}

std::string result_of(asio::io_context& context, sts::token_source tokens) {
    std::string got;
    asio::co_spawn(context, header(std::move(tokens)),
                   [&](std::exception_ptr const&, std::string text) { got = std::move(text); });
    context.restart();
    context.run();
    return got;
}

// [sources]
asio::awaitable<sts::token> no_token() {
    sts::error_info outage;
    outage.kind = sts::error_kind::unavailable;
    throw sts::error(outage);
    co_return sts::token();
}

int main() {
    asio::io_context context;
    auto const executor = context.get_executor();

    sts::token canned;
    canned.set_access_token("abc");
    bool right = result_of(context, sts::token_source::fixed(executor, canned)) == "Bearer abc";

    right = right && result_of(context, sts::token_source(executor, no_token)) == "no token: unavailable";
    std::cout << (right ? "passed" : "FAILED") << '\n';
    return right ? 0 : 1;
}
// [sources]
