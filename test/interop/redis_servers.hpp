// Real servers of Redis: one, a master with a replica and sentinels, a cluster.
#pragma once

#include "interop/server_process.hpp"
#include "support/process.hpp"

#include <equinix/sts/redis_store.hpp>
#include <equinix/sts/secret.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace test {

namespace sts = equinix::sts;

/// `redis-server` on a port of its own, with the folder of all its files.
class redis_server {
public:
    /// `settings` are its command line: `{"--maxmemory", "10mb"}`.
    /// With a certificate it serves TLS only.
    explicit redis_server(std::vector<std::string> settings = {});

    unsigned short port() const noexcept { return port_.number(); }
    std::string path(std::string const& name) const { return (files_.path() / name).string(); }
    std::string log() const { return read_file(path("output.log")); }

    sts::redis_options options() const;
    std::shared_ptr<sts::token_store> store(boost::asio::any_io_executor executor) const {
        return sts::redis_store(std::move(executor), options());
    }

    /// Runs `redis-cli` with these words, and returns what it prints without the last line end.
    std::string tell(std::string const& words) const;

    void stop() { process_.reset(); }
    void start();
    void freeze() const { process_->signal(SIGSTOP); }
    void thaw() const { process_->signal(SIGCONT); }

    /// How `redis-cli` logs in.
    std::string cli_options;

private:
    folder files_;
    reserved_port port_;
    std::vector<std::string> const settings_;
    std::optional<server_process> process_;
};

/// A sentinel that watches the master `fleet`, and decides alone.
class sentinel {
public:
    /// `more` are further lines of its configuration.
    explicit sentinel(unsigned short master, std::vector<std::string> const& more = {});

    unsigned short port() const noexcept { return port_.number(); }

private:
    folder files_;
    reserved_port port_;
    std::optional<server_process> process_;
};

/// Waits until it holds.
void until(std::function<bool()> const& holds);

} // namespace test
