#include "tool/exchange_command.hpp"

#include "tool/asking.hpp"
#include "tool/exit_code.hpp"
#include "tool/terminal.hpp"
#include "tool/token_forms.hpp"

#include <equinix/sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

namespace equinix::sts::tool {
namespace {

namespace asio = boost::asio;

/// A pipe's reader needs each line immediately.
void print(std::string const& line) {
    std::cout << line << std::endl; // NOLINT(performance-avoid-endl)
}

/// Only the JSON form can show an error; the others keep stdout for tokens.
void print(error_info const& info, output_form form, std::string const& url) {
    if (form == output_form::json)
        print(as_json(info, url));
    else
        complain(info, url);
}

/// Prints the token. Returns an error if this form cannot show it.
std::optional<error_info> printed(token const& got, exchange_arguments const& given,
                                  std::string_view from = {}) {
    try {
        print(in_form(got, given, from));
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
    int code = success;
    bool shown = false; ///< to a person who does not see the tokens

    void fails(error_kind kind) {
        ++failed;
        bool const is_new = code != success && code != exit_code(kind);
        code = is_new ? some_failure : exit_code(kind);
    }

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
            all->fails(failed->kind);
            print(*failed, form, all->url);
        }
        all->tell(all->given.count);
        if (all->given.gap.count() > 0 && all->started < all->given.count) {
            gap.expires_after(all->given.gap);
            co_await gap.async_wait(asio::use_awaitable);
        }
    }
}

} // namespace

int run_exchanges(exchange_arguments const& given) {
    try {
        check_form(given);
        asio::io_context context(1);
        asking const ask_with(given, context);
        auto const& sts = ask_with.sts;
        auto const all = std::make_shared<progress>(given, ask_with.url);
        all->shown =
            given.count > 1 && !given.verbose && is_watched(STDERR_FILENO) && !is_watched(STDOUT_FILENO);
        std::optional<token_source> shared;
        if (ask_with.how.sharing.store) shared.emplace(ask_with.source());
        std::exception_ptr thrown;
        for (unsigned i = 0; i < std::min(given.parallel, given.count); ++i) {
            ++all->running;
            asio::co_spawn(context, loop(sts, ask_with.request, shared, all), [&](std::exception_ptr what) {
                if (what) thrown = what;
                if (--all->running != 0) return;
                if (!shared) return sts.close();
                asio::co_spawn(context, shared->shutdown(), // until what it has to write is written
                               [&](std::exception_ptr) { sts.close(); });
            });
        }
        context.run();
        if (thrown) std::rethrow_exception(thrown);
        if (shared) complain_of_store(shared->stats().store);
        return all->code;
    } catch (error const& refused) {
        print(refused.info(), given.output, {});
        return exit_code(refused.info().kind);
    }
}

} // namespace equinix::sts::tool
