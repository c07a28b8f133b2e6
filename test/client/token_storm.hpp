// What attacks on token sources and caches are made of.
#pragma once

#include <equinix/sts/refresh.hpp>
#include <equinix/sts/subject_token_supplier.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace test {

namespace asio = boost::asio;
namespace sts = equinix::sts;

/// A context that some threads run.
class running_context {
public:
    explicit running_context(unsigned threads) {
        for (unsigned i = 0; i < threads; ++i)
            threads_.emplace_back([this] { context.run(); });
    }
    running_context(running_context const&) = delete;
    running_context& operator=(running_context const&) = delete;
    ~running_context() { end(); }

    /// Returns when there is nothing left to run.
    void end() {
        work_.reset();
        for (auto& thread : threads_)
            thread.join();
        threads_.clear();
    }

    asio::io_context context;

private:
    asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(context);
    std::vector<std::thread> threads_;
};

/// Tokens that live for 20 ms, whatever the service says.
inline sts::refresh_options short_lives() {
    sts::refresh_options options;
    options.max_lifetime = std::chrono::milliseconds(20);
    return options;
}

/// Has something done when nobody holds it any more.
struct last_will final : sts::subject_token_supplier {
    last_will(std::string text, std::function<void()> what) : token(std::move(text)), will(std::move(what)) {}
    ~last_will() override { will(); }

    asio::awaitable<sts::subject_token> supply(sts::supply_context) override {
        co_return sts::subject_token(token);
    }
    std::string describe() const override { return "a test"; }

    std::string const token;
    std::function<void()> const will;
};

} // namespace test
