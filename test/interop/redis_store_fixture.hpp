// Token stores in real servers of Redis.
#pragma once

#include "interop/redis_servers.hpp"
#include "support/checked_store.hpp"

#include <equinix/sts/redis_store.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace test {

/// Runs a context in a thread of its own, for stores whose commands are performed from elsewhere.
class running {
public:
    running() : thread_([this] { context_.run(); }) {}
    running(running const&) = delete;
    running& operator=(running const&) = delete;
    ~running() {
        work_.reset();
        context_.stop();
        thread_.join();
    }
    asio::any_io_executor executor() { return context_.get_executor(); }

private:
    asio::io_context context_;
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{context_.get_executor()};
    std::thread thread_;
};

/// Stores in servers of the test, and their commands, with bounds that are not what is tested.
struct redis_store_fixture {
    using text = std::optional<std::string>;

    running context;
    sts::store_bounds within = generous();

    static sts::store_bounds generous() {
        sts::store_bounds made;
        made.command = made.connect = std::chrono::seconds(5);
        return made;
    }
    std::shared_ptr<sts::token_store> store(sts::redis_options const& how) {
        return sts::redis_store(context.executor(), how);
    }
    sts::result<bool> write(sts::token_store& to, text expected, text desired, std::string name = "name") {
        return performed(
            to.swap(std::move(name), std::move(expected), std::move(desired), std::chrono::hours(1), within));
    }
    text read(sts::token_store& from, std::string name = "name") {
        auto const got = performed(from.look(std::move(name), within));
        BOOST_REQUIRE_MESSAGE(got.has_value(), (got.has_error() ? got.error().to_string() : ""));
        return got->bytes;
    }
    void keeps_the_rules(sts::redis_options const& how) {
        BOOST_TEST(broken_rules(store(how), store(how)) == std::vector<std::string>(),
                   boost::test_tools::per_element());
    }
    sts::error_info failure(sts::token_store& from) {
        auto const got = performed(from.look("name", within));
        BOOST_REQUIRE(got.has_error());
        BOOST_TEST((got.error().phase == sts::phase::store));
        return got.error();
    }
};

} // namespace test
