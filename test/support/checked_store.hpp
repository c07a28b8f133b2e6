// Runs the rules of a token store against one.
#pragma once

#include "support/service.hpp"

#include <equinix/sts/testing/check_store.hpp>

#include <memory>
#include <string>
#include <vector>

namespace test {

/// The rules that two stores, which share their records, break.
inline std::vector<std::string> broken_rules(std::shared_ptr<sts::token_store> const& one,
                                             std::shared_ptr<sts::token_store> const& other) {
    asio::io_context context;
    std::vector<std::string> broken;
    bool done = false;
    asio::co_spawn(context, sts::testing::check_store(one, other),
                   [&](std::exception_ptr thrown, std::vector<std::string> found) {
                       BOOST_TEST(!thrown);
                       broken = std::move(found);
                       done = true;
                   });
    run_until(context, [&] { return done; });
    return broken;
}

/// Performs one command.
template <class T>
sts::result<T> performed(asio::awaitable<sts::result<T>> command) {
    asio::io_context context;
    std::optional<sts::result<T>> got;
    asio::co_spawn(context, std::move(command), [&](std::exception_ptr thrown, sts::result<T> came) {
        BOOST_TEST(!thrown);
        got.emplace(std::move(came));
    });
    run_until(context, [&] { return got.has_value(); });
    return std::move(*got);
}

} // namespace test
