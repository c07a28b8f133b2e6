// S12: a client that has nothing to do does nothing.
#include "soak/mock_process.hpp"
#include "soak/process.hpp"
#include "soak/rig.hpp"

#include <unistd.h>

#include <future>
#include <thread>

namespace soak {
namespace {

/// How often a thread that runs the context wakes in so long a time.
std::uint64_t wake_ups_in(asio::io_context& context, clock::duration span) {
    auto const work = asio::make_work_guard(context);
    context.restart();
    std::promise<int> begun;
    std::thread idler([&] {
        begun.set_value(::gettid());
        context.run();
    });
    auto const thread = begun.get_future().get();
    crew elsewhere;
    elsewhere.spawn(pause(milliseconds(100))); // until it sleeps
    elsewhere.join();
    auto const before = wake_ups(thread);
    elsewhere.spawn(pause(span));
    elsewhere.join();
    auto const woken = wake_ups(thread) - before;
    context.stop();
    idler.join();
    return woken;
}

} // namespace

report idle(extent const& how_much) {
    auto const span = seconds(how_much.of(3, 30));
    constexpr std::size_t connections = 64;
    mock_process const mock(sts::testing::mock_answer::with(200, fixed_token));
    crew all;
    sts::client const client(all.context.get_executor(), mock.options());
    tell("S12: idle for three times " + shown(in_seconds(span)) + " s");
    auto const when_empty = wake_ups_in(all.context, span);
    all.spawn(client.warm_up(connections));
    all.join();
    auto const when_open = wake_ups_in(all.context, span);
    client.reload_certificates(); // gives up what is idle
    all.context.restart();
    while (client.stats().open != 0)
        all.context.run_one();
    auto const when_empty_again = wake_ups_in(all.context, span);
    return {
        {"S12", "no wake-up with an empty pool in " + shown(in_seconds(span)) + " s", shown(when_empty),
         when_empty == 0},
        {"S12", "at most one wake-up with 64 connections in the pool", shown(when_open), when_open <= 1},
        // Asio leaves the system's timer as it was set for the sweep of what was idle.
        {"S12", "at most one when the pool is empty again", shown(when_empty_again), when_empty_again <= 1},
    };
}

} // namespace soak
