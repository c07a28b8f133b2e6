// S4 and S8: a server that is killed and comes back, and one that says "later" for a while.
#include "soak/mock_process.hpp"
#include "soak/rig.hpp"

#include <map>

namespace soak {
namespace {

struct call_log {
    std::uint64_t begun = 0, tokens = 0, late = 0;
    std::map<std::string, std::uint64_t> kinds;
    clock::time_point first_success_after{};
    clock::time_point recovered = clock::time_point::max(); ///< when the service was there again for good
    std::uint64_t failed_after = 0; ///< of the calls that began more than a second later
};

asio::awaitable<void> one_call(sts::client client, sts::exchange_request request, clock::duration bound,
                               call_log& log) {
    auto const begun = clock::now();
    ++log.begun;
    auto const got = co_await client.try_exchange(request);
    auto const now = clock::now();
    if (now - begun > bound) ++log.late;
    if (got.has_value()) {
        ++log.tokens;
        if (now > log.recovered && log.first_success_after == clock::time_point())
            log.first_success_after = now;
    } else {
        ++log.kinds[std::string(to_string(got.error().kind))];
        if (begun > log.recovered && begun - log.recovered > seconds(1)) ++log.failed_after;
    }
}

/// Calls at a steady rate, whatever becomes of them.
asio::awaitable<void> call_steadily(crew& all, sts::client client, sts::exchange_request request,
                                    unsigned a_second, clock::time_point end, clock::duration bound,
                                    call_log& log) {
    auto const start = clock::now();
    asio::steady_timer timer(all.context);
    for (std::uint64_t i = 0; clock::now() < end; ++i) {
        timer.expires_at(start + std::chrono::nanoseconds(i * 1'000'000'000 / a_second));
        co_await timer.async_wait(asio::use_awaitable);
        all.spawn(one_call(client, request, bound, log));
    }
}

std::string told(call_log const& log) {
    auto text = shown(log.begun) + " calls, " + shown(log.tokens) + " tokens";
    for (auto const& [kind, times] : log.kinds)
        text += ", " + shown(times) + " " + kind;
    return text;
}

std::uint64_t ended(call_log const& log) {
    auto sum = log.tokens;
    for (auto const& [kind, times] : log.kinds)
        sum += times;
    return sum;
}

} // namespace

report killed_server(extent const& how_much) {
    auto const span = seconds(how_much.of(8, 60));
    auto const deadline = seconds(2);
    mock_process mock(sts::testing::mock_answer::with(200, fixed_token));
    crew all;
    auto options = mock.options();
    options.timeout = deadline;
    options.retry.budget = 1'000'000; // what an outage may cost is S8's
    std::uint64_t refused = 0;
    options.observer = [&](sts::event const& of) {
        if (of.type == sts::event_type::connection_failed && of.kind == sts::error_kind::connect) ++refused;
    };
    sts::client const client(all.context.get_executor(), options);
    call_log log;
    auto const start = clock::now();
    auto const end = start + span + seconds(3);
    // A coroutine, so that the fork of the new server meets no second thread.
    auto const kill_often = [](mock_process& service, clock::time_point last,
                               call_log& of) -> asio::awaitable<void> {
        for (unsigned times = 1; clock::now() < last; ++times) {
            co_await pause(milliseconds(150));
            service.kill();
            co_await pause(milliseconds(50));
            service.start();
            tell("S4: " + std::to_string(times) + " kills, " + told(of));
        }
        of.recovered = clock::now();
    };
    all.spawn(kill_often(mock, start + span, log));
    all.spawn(call_steadily(all, client, any_request(), 500, end, deadline + seconds(1), log));
    all.join();
    auto const recovery = log.first_success_after - log.recovered;
    bool const recovered = log.first_success_after != clock::time_point() && recovery < seconds(1);
    return {
        {"S4", "every call ends with a token or an error kind", told(log), ended(log) == log.begun},
        {"S4", "connections to the closed port were refused", shown(refused) + " times", refused != 0},
        {"S4", "no call ends later than its deadline of 2 s, plus 1 s under load", shown(log.late) + " late",
         log.late == 0},
        {"S4", "recovered within 1 s", shown(in_seconds(recovery), 3) + " s", recovered},
        {"S4", "no call that began after that fails", shown(log.failed_after) + " failed",
         log.failed_after == 0},
    };
}

report outage(extent const& how_much) {
    auto const span = seconds(how_much.of(6, 30));
    sts::testing::mock_sts mock;
    mock.always(sts::testing::mock_answer::error(503, ""));
    crew all;
    auto const options = options_for(mock);
    sts::client const client(all.context.get_executor(), options);
    call_log log;
    std::uint64_t calls_at_empty = 0, requests_at_empty = 0, calls_at_end = 0, requests_at_end = 0;
    auto const watch = [&]() -> asio::awaitable<void> {
        while (client.stats().retry_budget >= 5)
            co_await pause(milliseconds(10));
        co_await pause(seconds(1)); // the retries that were paid for already
        calls_at_empty = log.begun;
        requests_at_empty = mock.requests();
        co_await pause(span);
        calls_at_end = log.begun;
        requests_at_end = mock.requests();
        mock.always(sts::testing::mock_answer::with(200, fixed_token));
        log.recovered = clock::now();
    };
    all.spawn(watch());
    all.spawn(call_steadily(all, client, any_request(), 200, clock::now() + span + seconds(5),
                            options.timeout, log));
    all.join();
    auto const calls = static_cast<double>(calls_at_end - calls_at_empty);
    auto const requests = static_cast<double>(requests_at_end - requests_at_empty);
    auto const recovery = log.first_success_after - log.recovered;
    return {
        {"S8", "at most 1.1 requests per call once the budget of 500 is used up",
         shown(requests / calls, 3) + " (" + shown(requests) + " for " + shown(calls) + ")",
         requests <= 1.1 * calls},
        {"S8", "first success within 5 s of recovery", shown(in_seconds(recovery), 3) + " s",
         log.first_success_after != clock::time_point() && recovery < seconds(5)},
    };
}

} // namespace soak
