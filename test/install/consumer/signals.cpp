// The handler of a signal writes into a pipe that is a static variable of Asio's: of two copies of it, the
// handler's and the one that is read must be the same.
#include "check.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>

namespace asio = boost::asio;

namespace {

check const signals("signals", [] {
    asio::io_context context;
    asio::signal_set set(context, SIGTERM);
    int seen = 0;
    set.async_wait([&seen](boost::system::error_code, int number) { seen = number; });
    std::raise(SIGTERM);
    context.run_for(std::chrono::seconds(10)); // ends with the handler; a bound for where it never runs
    holds(seen == SIGTERM, "asio::signal_set has not seen SIGTERM");
});

} // namespace
