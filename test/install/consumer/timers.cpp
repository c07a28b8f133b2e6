// Several threads run one context: its queues, its locks and what each thread keeps for reuse are one
// program's.
#include "check.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <thread>
#include <vector>

namespace asio = boost::asio;

namespace {

constexpr int coroutines = 200, waits = 20;

asio::awaitable<void> wait_often(asio::strand<asio::io_context::executor_type> strand, int& in_strand,
                                 std::atomic<int>& done) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (int i = 0; i < waits; ++i) {
        timer.expires_after(std::chrono::microseconds(i * 50));
        co_await timer.async_wait(asio::use_awaitable);
        ++done;
        asio::post(strand, [&in_strand] { ++in_strand; });
    }
}

check const timers("timers", [] {
    asio::io_context context;
    auto const strand = asio::make_strand(context);
    int in_strand = 0;
    std::atomic<int> done = 0;
    for (int i = 0; i < coroutines; ++i)
        asio::co_spawn(context, wait_often(strand, in_strand, done), asio::detached);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&context] { context.run(); });
    for (auto& thread : threads)
        thread.join();
    equal("the number of timers that expired", done.load(), coroutines * waits);
    equal("the number of handlers that a strand ran", in_strand, coroutines * waits);
});

} // namespace
