// Looking names up, so that whoever waits for one can leave.
//
// `getaddrinfo` cannot be cancelled, and the thread of Asio's own resolver is joined when the context goes:
// a silent name server would hold both. Here it runs on a detached thread that holds nothing but shared
// state. There is at most one such thread a resolver, and so a client, started when a name is asked for;
// those who ask for the name that it is busy with wait for the same answer.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace equinix::sts::net {

/// What a name stands for: addresses without ports, in the order of preference.
struct resolved_name {
    boost::system::error_code error;
    std::vector<boost::asio::ip::address> addresses;
};

/// Somebody's wish for an address. Owned by the wisher and by the resolver.
class lookup : public std::enable_shared_from_this<lookup> {
public:
    using handler = std::function<void(resolved_name const&)>;

    /// `done` is called on `executor`, which is kept running meanwhile, unless `cancel` was called before.
    lookup(boost::asio::any_io_executor const& executor, handler done);

    /// Leaves: from now on nothing of the executor is touched, and nobody is called.
    void cancel() noexcept;

private:
    friend class resolver;
    void deliver(std::shared_ptr<resolved_name const> const& answer) noexcept;

    std::mutex mutex_; // the resolver's thread is there also where the client has no others
    boost::asio::any_io_executor executor_;
    handler done_;
};

class resolver {
public:
    resolver();
    resolver(resolver const&) = delete;
    resolver& operator=(resolver const&) = delete;

    /// Does not wait for a look-up that is under way.
    ~resolver();

    /// Throws `std::system_error` when no thread can be had, or `std::bad_alloc`; then nobody is called.
    void start(std::string const& host, std::shared_ptr<lookup> wish);

private:
    struct desk;
    std::shared_ptr<desk> desk_;
};

} // namespace equinix::sts::net
