// Runs a program for what it prints.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::suppliers_detail {

/// A program, its arguments, and further variables of its environment, each as `NAME=value`.
struct command_line {
    std::vector<std::string> arguments;
    std::vector<std::string> variables;
    std::chrono::nanoseconds timeout;
};

/// Runs a program, which errors call `source`, to its end: for as long as it may, and at most until the
/// deadline. Then `take` gets what it has printed; if that throws, the program has failed. Fails as
/// `suppliers::command` does.
boost::asio::awaitable<void> run_program(command_line what, std::string source,
                                         std::chrono::steady_clock::time_point deadline,
                                         std::function<void(std::string_view output)> take);

} // namespace equinix::sts::suppliers_detail
