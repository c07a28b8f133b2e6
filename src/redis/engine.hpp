// Executes the commands of a store: on one server, on the master that sentinels name, or on the nodes of a
// cluster. Everything but `run` happens on one strand.
#pragma once

#include "base/lock.hpp"
#include "client/context_registry.hpp"
#include "redis/connection.hpp"
#include "redis/script.hpp"

#include <equinix/sts/redis_store.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace equinix::sts::redis_detail {

class engine final : public client_detail::context_home {
public:
    /// Throws `error` of kind `config`.
    static std::shared_ptr<engine> make(boost::asio::any_io_executor const& executor, redis_options options);

    engine(boost::asio::any_io_executor const& executor, redis_options options);
    engine(engine const&) = delete;
    engine& operator=(engine const&) = delete;
    ~engine() override;

    /// Executes a script for the record of this name. May be called from anywhere.
    boost::asio::awaitable<result<reply>> run(script const& what, std::string name,
                                              std::vector<std::string> arguments, store_bounds within);

    /// Executes a command on a server. May be called from anywhere.
    boost::asio::awaitable<result<reply>> run(std::vector<std::string> command, store_bounds within);

    redis_options const& options() const noexcept { return options_; }

private:
    struct nodes;

    std::shared_ptr<engine> self() { return std::static_pointer_cast<engine>(shared_from_this()); }
    std::shared_ptr<nodes> all();
    using starter = std::function<boost::asio::awaitable<result<reply>>(std::shared_ptr<nodes> const&)>;
    static boost::asio::awaitable<result<reply>> on_strand(std::shared_ptr<engine> self, starter begin,
                                                           store_bounds within);

    // Overrides of `context_home`.
    void context_gone() noexcept override;
    void on_timer(std::uint64_t) noexcept override {}

    redis_options const options_;
    std::shared_ptr<client_detail::context_homes> const homes_;
    base::mutex mutex_;
    std::shared_ptr<nodes> nodes_ STS_GUARDED_BY(mutex_); ///< null once the context is gone
};

/// The slot of a key's hash tag in a cluster.
std::uint16_t slot_of(std::string_view tag) noexcept;

} // namespace equinix::sts::redis_detail
