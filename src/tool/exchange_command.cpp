#include "tool/exchange_command.hpp"

#include "base/without_query.hpp"
#include "tool/ascii_json.hpp"
#include "tool/exchange_setup.hpp"
#include "tool/narrator.hpp"
#include "tool/our_words.hpp"
#include "tool/store_setup.hpp"
#include "tool/terminal.hpp"

#include <equinix/sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

namespace equinix::sts::tool {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

/// Where a token came from; empty without a store, which says nothing of it.
std::string as_json(token const& got, std::string_view from) {
    json::object line;
    line["access_token"] = json::string_view(got.access_token.reveal());
    line["token_type"] = got.token_type;
    if (!got.issued_token_type.empty()) line["issued_token_type"] = got.issued_token_type;
    if (got.expires_in) line["expires_in"] = got.expires_in->count();
    if (!from.empty() && got.expires) { // it may be old
        auto const left = got.expires->steady - std::chrono::steady_clock::now();
        line["expires_in"] =
            std::max<std::int64_t>(std::chrono::floor<std::chrono::seconds>(left).count(), 0);
    }
    if (got.scope) line["scope"] = *got.scope;
    if (got.proof_key()) line["jkt"] = got.proof_key()->thumbprint();
    if (!from.empty()) line["from"] = json::string_view(from);
    return ascii_json(line);
}

/// Of another category than the library's, which repeats the kind.
void put_code(json::object& to, boost::system::error_code code) {
    if (code.category() != error_category())
        to["code"] = {{"category", code.category().name()}, {"value", code.value()}};
}

json::array as_json(std::vector<attempt_error> const& earlier) {
    json::array all;
    for (auto const& one : earlier) {
        json::object attempt;
        attempt["kind"] = json::string_view(to_string(one.kind));
        attempt["phase"] = json::string_view(to_string(one.phase));
        put_code(attempt, one.code);
        if (one.http_status != 0) attempt["http_status"] = one.http_status;
        attempt["elapsed_ms"] = std::chrono::floor<std::chrono::milliseconds>(one.elapsed).count();
        all.push_back(std::move(attempt));
    }
    return all;
}

std::string as_json(error_info const& info, std::string const& url) {
    json::object error;
    error["kind"] = json::string_view(to_string(info.kind));
    error["message"] = in_our_words(info, info.message);
    error["phase"] = json::string_view(to_string(info.phase));
    if (!info.option.empty()) error["option"] = option_in_our_words(info);
    put_code(error, info.code);
    error["http_status"] = info.http_status != 0 ? json::value(info.http_status) : json::value();
    error["oauth_error"] = !info.oauth_error.empty() ? json::value(info.oauth_error) : json::value();
    if (!info.oauth_error_description.empty())
        error["oauth_error_description"] = info.oauth_error_description;
    if (!info.service_code.empty()) error["service_code"] = info.service_code;
    if (!info.service_message.empty()) error["service_message"] = info.service_message;
    if (info.retry_after) error["retry_after"] = info.retry_after->count();
    error["attempts"] = info.attempts;
    if (!info.earlier.empty()) error["earlier"] = as_json(info.earlier);
    error["request_sent"] = info.request_sent;
    error["retryable"] = info.retryable();
    if (!url.empty()) error["url"] = url;
    error["help"] = info.help();
    json::object line;
    line["error"] = std::move(error);
    return ascii_json(line);
}

void print(token const& got, exchange_arguments const& given, std::string_view from) {
    // Nothing is printed if one of these throws.
    auto const header = given.output == output_form::header ? got.authorization() : secret();
    auto const proof = given.api_url.empty() ? std::string() : got.proof(given.api_method, given.api_url);
    switch (given.output) {
    case output_form::json:
        std::cout << as_json(got, from);
        break;
    case output_form::header:
        std::cout << "Authorization: " << header.reveal();
        if (!proof.empty()) std::cout << "\nDPoP: " << proof;
        break;
    case output_form::token:
        std::cout << got.access_token.reveal();
    }
    std::cout << std::endl; // NOLINT(performance-avoid-endl): a pipe's reader needs each line immediately
}

/// `url` is empty if no service was asked.
void print(error_info const& info, output_form form, std::string const& url) {
    // Only the JSON form can show an error; the others keep stdout for tokens.
    if (form == output_form::json)
        std::cout << as_json(info, url) << std::endl; // NOLINT(performance-avoid-endl)
    else
        std::cerr << "sts-token: " << (url.empty() ? url : url + ": ") << in_our_words(info, info.to_string())
                  << '\n';
}

/// Prints the token. Returns an error if this form cannot show it.
std::optional<error_info> printed(token const& got, exchange_arguments const& given,
                                  std::string_view from = {}) {
    try {
        print(got, given, from);
        return std::nullopt;
    } catch (error const& refused) {
        return refused.info();
    }
}

/// State that the parallel loops share.
struct progress {
    progress(exchange_arguments arguments, std::string endpoint)
        : given(std::move(arguments)), url(std::move(endpoint)) {}

    exchange_arguments const given;
    std::string const url;
    unsigned started = 0;
    unsigned running = 0;
    unsigned ended = 0;
    unsigned failed = 0;
    bool shown = false; ///< to a person who does not see the tokens

    void tell(unsigned count) const {
        if (!shown) return;
        std::cerr << '\r' << ended << " of " << count << " exchanges, " << failed << " failed"
                  << (ended == count ? "\n" : "") << std::flush;
    }
};

/// A token from a source that shares it, and where it came from.
struct shared_token {
    shared_token(token const& from_source, std::string_view whence) : got(from_source), from(whence) {}

    token got;
    std::string_view from;
};

asio::awaitable<result<shared_token>> ask(token_source source) {
    auto const before = source.stats();
    auto const got = co_await source.try_get();
    if (got.has_error()) co_return got.error();
    auto const after = source.stats();
    bool const waited = after.misses != before.misses;
    co_return shared_token(**got, !waited                                 ? "memory"
                                  : after.store.hits != before.store.hits ? "store"
                                                                          : "exchange");
}

/// Makes exchanges, one after another, or asks the source if there is one.
asio::awaitable<void> loop(client sts, exchange_request request, std::optional<token_source> shared,
                           std::shared_ptr<progress> all) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer gap(executor);
    auto const form = all->given.output;
    while (all->started < all->given.count) {
        ++all->started;
        std::optional<error_info> failed;
        if (shared) {
            auto const outcome = co_await ask(*shared);
            failed = outcome.has_error() ? outcome.error() : printed(outcome->got, all->given, outcome->from);
        } else {
            auto const outcome = co_await sts.try_exchange(request);
            failed = outcome.has_error() ? outcome.error() : printed(*outcome, all->given);
        }
        ++all->ended;
        if (failed) {
            ++all->failed;
            print(*failed, form, all->url);
        }
        all->tell(all->given.count);
        if (all->given.gap.count() > 0 && all->started < all->given.count) {
            gap.expires_after(all->given.gap);
            co_await gap.async_wait(asio::use_awaitable);
        }
    }
}

/// The token is there all the same, so that nobody would notice.
void tell_store_failure(store_stats const& seen) {
    if (!seen.last_error) return;
    auto const& why = *seen.last_error;
    std::cerr << "sts-token: tokens are not shared: " << in_our_words(why, why.to_string()) << '\n';
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

/// Without an identity the token that the supplier gives now stands for itself.
asio::awaitable<void> ask_supplier(std::shared_ptr<exchange_request> request,
                                   std::chrono::nanoseconds timeout) {
    auto const executor = co_await asio::this_coro::executor;
    supply_context const context(executor, std::chrono::steady_clock::now() + timeout);
    auto token = co_await request->supplier()->supply(context);
    request->subject(std::move(token));
}

/// Runs a coroutine to its end.
void run(asio::io_context& context, asio::awaitable<void> work) {
    std::exception_ptr thrown;
    asio::co_spawn(context, std::move(work), [&](std::exception_ptr what) { thrown = what; });
    context.run();
    context.restart();
    if (thrown) std::rethrow_exception(thrown);
}

} // namespace

int run_exchanges(exchange_arguments const& given) {
    try {
        auto options = options_of(given);
        if (given.verbose) options.observer = narrator();
        auto const asked = std::make_shared<exchange_request>(request_of(given));
        asio::io_context context(1);
        refresh_options how;
        how.sharing = sharing_of(given, context.get_executor());
        if (how.sharing.store && asked->supplier() && how.sharing.identity.empty())
            run(context, ask_supplier(asked, options.timeout));
        auto const& request = *asked;
        client const sts(context.get_executor(), options);
        auto const url = base::without_query(options.endpoint.url());
        if (given.verbose) std::cerr << describe_request(options, request);
        tell_of_binding(given, request);
        auto const all = std::make_shared<progress>(given, url);
        all->shown =
            given.count > 1 && !given.verbose && is_watched(STDERR_FILENO) && !is_watched(STDOUT_FILENO);
        std::optional<token_source> shared;
        if (how.sharing.store) shared.emplace(sts, request, how);
        std::exception_ptr thrown;
        for (unsigned i = 0; i < std::min(given.parallel, given.count); ++i) {
            ++all->running;
            asio::co_spawn(context, loop(sts, request, shared, all), [&](std::exception_ptr what) {
                if (what) thrown = what;
                if (--all->running != 0) return;
                if (!shared) return sts.close();
                asio::co_spawn(context, shared->shutdown(), // until what it has to write is written
                               [&](std::exception_ptr) { sts.close(); });
            });
        }
        context.run();
        if (thrown) std::rethrow_exception(thrown);
        if (shared) tell_store_failure(shared->stats().store);
        return all->failed > 0 ? 1 : 0;
    } catch (error const& refused) {
        print(refused.info(), given.output, {});
        return 1;
    }
}

} // namespace equinix::sts::tool
