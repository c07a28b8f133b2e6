#include "tool/asking.hpp"

#include "base/without_query.hpp"
#include "tool/exchange_setup.hpp"
#include "tool/narrator.hpp"
#include "tool/our_words.hpp"
#include "tool/store_setup.hpp"

#include <equinix/sts/suppliers.hpp>

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <filesystem>
#include <iostream>
#include <utility>

namespace equinix::sts::tool {
namespace {

namespace asio = boost::asio;

client_options told(client_options options, bool verbose) {
    if (verbose) options.observer = narrator();
    return options;
}

/// What a user of bound tokens may not expect.
void tell_of_binding(exchange_arguments const& given, exchange_request const& request) {
    if (!request.proof_key()) return;
    if (given.dpop_key.empty() && given.api_url.empty())
        std::cerr
            << "sts-token: the token is bound to a key that ends with this command: give --dpop-key, or "
               "--output header with --api\n";
    if (!given.store.empty()) std::cerr << "sts-token: tokens are not shared: they are bound to a key\n";
}

/// The token that the supplier gives now.
asio::awaitable<void> ask_supplier(exchange_request* request, std::chrono::nanoseconds timeout) {
    auto const executor = co_await asio::this_coro::executor;
    supply_context const context(executor, std::chrono::steady_clock::now() + timeout);
    auto token = co_await request->supplier()->supply(context);
    request->subject(std::move(token));
}

refresh_options sharing(exchange_arguments const& given, asio::io_context& context) {
    refresh_options how;
    how.sharing = sharing_of(given, context.get_executor());
    return how;
}

exchange_request request_for(asking const& with, exchange_arguments const& given, asio::io_context& context,
                             bool again) {
    auto request = request_of(given);
    std::error_code ignored;
    // With a store a file that changes needs an identity. A pipe is read once.
    bool const is_keyed = !with.how.sharing.store || !with.how.sharing.identity.empty();
    if (again && is_keyed && std::filesystem::is_regular_file(given.subject_token_file, ignored))
        request.subject(suppliers::file(given.subject_token_file));
    // Without an identity the token that the supplier gives now stands for itself.
    if (!again && with.how.sharing.store && request.supplier() && with.how.sharing.identity.empty())
        run(context, ask_supplier(&request, with.options.timeout));
    return request;
}

} // namespace

asking::asking(exchange_arguments const& given, asio::io_context& context, bool again)
    : options(told(options_of(given), given.verbose)), how(sharing(given, context)),
      request(request_for(*this, given, context, again)), url(base::without_query(options.endpoint.url())),
      sts(context.get_executor(), options) {
    if (given.verbose) std::cerr << describe_request(options, request);
    tell_of_binding(given, request);
}

void run(asio::io_context& context, asio::awaitable<void> work) {
    std::exception_ptr thrown;
    asio::co_spawn(context, std::move(work), [&](std::exception_ptr what) { thrown = what; });
    context.run();
    context.restart();
    if (thrown) std::rethrow_exception(thrown);
}

void complain(error_info const& info, std::string const& url) {
    std::cerr << "sts-token: " << (url.empty() ? url : url + ": ") << in_our_words(info, info.to_string())
              << '\n';
}

void complain_of_store(store_stats const& seen) {
    if (!seen.last_error) return;
    auto const& why = *seen.last_error;
    std::cerr << "sts-token: tokens are not shared: " << in_our_words(why, why.to_string()) << '\n';
}

} // namespace equinix::sts::tool
