#include "tool/exec_command.hpp"

#include "base/wiped.hpp"
#include "tool/asking.hpp"
#include "tool/child_process.hpp"
#include "tool/exit_code.hpp"
#include "tool/token_file.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>

namespace equinix::sts::tool {
namespace {

namespace asio = boost::asio;
using token_ptr = std::shared_ptr<token const>;

secret variable(std::string_view name, std::string_view value) {
    base::wiped_buffer text;
    for (auto const part : {name, std::string_view("="), value})
        base::append(text, part);
    return secret(base::view(text));
}

program program_of(exec_arguments const& given, token const& got) {
    program made;
    made.words = given.program;
    auto const& name = given.exchange.token_variable;
    if (!name.empty() || given.token_file_variable.empty())
        made.variables.push_back(
            variable(name.empty() ? usual_token_variable : name, got.access_token.reveal()));
    return made;
}

/// How long the program may find an old token in the file while there is a new one.
std::chrono::nanoseconds pause_after(token const& got) {
    constexpr auto shortest = std::chrono::milliseconds(200), longest = std::chrono::milliseconds(60'000);
    if (!got.expires_in) return longest;
    return std::clamp(std::chrono::milliseconds(*got.expires_in) / 20, shortest, longest);
}

/// What the coroutines of a program with a file share.
struct kept_program {
    kept_program(exec_arguments const& arguments, asio::io_context& context)
        : given(arguments), child(context.get_executor()), with(arguments.exchange, context, true),
          source(with.source()) {}

    exec_arguments const& given;
    child_process child; ///< first: it blocks signals for all threads
    asking with;
    token_source source;
    token_file file;
    std::optional<int> code; ///< once it has ended
    std::exception_ptr thrown;
};

/// Why the token could not be written; nothing if it was. The old one stays then, and another attempt
/// follows.
std::optional<error_info> written(token_file& file, token const& got) {
    try {
        file.write(got.access_token);
        return std::nullopt;
    } catch (error const& failed) {
        return failed.info();
    }
}

/// Replaces the token in the file by each new one, as long as the program runs.
asio::awaitable<void> renew(kept_program* all, token_ptr current) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor);
    for (bool complained = false; !all->code;) { // once in an outage
        pause.expires_after(pause_after(*current));
        co_await pause.async_wait(asio::use_awaitable);
        auto const got = co_await all->source.try_get();
        if (all->code) co_return;
        std::optional<error_info> wrong;
        if (got.has_error()) wrong = got.error();
        if (!wrong && *got != current) wrong = written(all->file, **got);
        if (!wrong) current = *got;
        if (wrong && !complained) complain(*wrong, got.has_error() ? all->with.url : std::string());
        complained = wrong.has_value();
    }
}

/// Returns an exit code if the program was not started.
asio::awaitable<std::optional<int>> start(kept_program* all) {
    auto const got = co_await all->source.try_get();
    if (all->code) co_return std::nullopt; // a signal came first
    if (got.has_error()) {
        complain(got.error(), all->with.url);
        co_return exit_code(got.error().kind);
    }
    all->file.write((*got)->access_token);
    auto what = program_of(all->given, **got);
    what.variables.push_back(variable(all->given.token_file_variable, all->file.path()));
    all->child.start(what);
    complain_of_store(all->source.stats().store);
    co_await renew(all, *got);
    co_return std::nullopt;
}

int run_with_file(exec_arguments const& given) {
    asio::io_context context(1);
    kept_program all(given, context);
    auto const ends = [&](std::exception_ptr what, std::optional<int> code) {
        if (all.code) return;
        all.thrown = what;
        all.code = code.value_or(some_failure);
        context.stop();
    };
    asio::co_spawn(context, start(&all), ends);
    asio::co_spawn(context, all.child.wait(), ends);
    context.run();
    all.file.remove();
    all.child.restore_signals();      // from here on one ends this process
    if (all.with.how.sharing.store) { // until it has the token
        context.restart();
        asio::co_spawn(context, all.source.shutdown(), [&](std::exception_ptr) { context.stop(); });
        context.run();
    }
    if (all.thrown) std::rethrow_exception(all.thrown);
    return *all.code;
}

/// Gets one token. Then the store has it, and no connection is open.
asio::awaitable<void> get(asking const* with, std::optional<result<token_ptr>>* out) {
    auto const source = with->source();
    auto const got = co_await source.try_get();
    co_await source.shutdown();
    complain_of_store(source.stats().store);
    with->sts.close();
    out->emplace(got);
}

int run_in_place(exec_arguments const& given) {
    asio::io_context context(1);
    asking const with(given.exchange, context);
    std::optional<result<token_ptr>> got;
    run(context, get(&with, &got));
    if (got->has_value()) replace_process(program_of(given, ***got));
    complain(got->error(), with.url);
    return exit_code(got->error().kind);
}

} // namespace

int exec(exec_arguments const& given) {
    try {
        return given.token_file_variable.empty() ? run_in_place(given) : run_with_file(given);
    } catch (error const& failed) {
        complain(failed.info(), {});
        return exit_code(failed.info().kind);
    } catch (cannot_run const& failed) {
        std::cerr << "sts-token: " << failed.what() << '\n';
        return failed.exit_code();
    }
}

} // namespace equinix::sts::tool
