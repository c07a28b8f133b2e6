// One connection to a server: opens itself when it is needed, logs in, and carries commands, one behind the
// other, each with its own deadline. Lives on a strand, on which every function must be called.
#pragma once

#include "net/resolver.hpp"
#include "net/stream.hpp"
#include "net/tls_context.hpp"
#include "redis/reply.hpp"

#include <equinix/sts/redis_store.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace equinix::sts::redis_detail {

using strand = boost::asio::strand<boost::asio::any_io_executor>;
using time_point = std::chrono::steady_clock::time_point;

/// How to log in.
struct login {
    std::string user;
    secret password;
    unsigned database = 0;
    bool must_be_master = false;
};

/// What all connections of a store share.
struct connecting {
    connecting(strand where, std::shared_ptr<net::tls_context const> tls_settings)
        : on(std::move(where)), tls(std::move(tls_settings)) {}

    strand const on;
    std::shared_ptr<net::tls_context const> const tls; ///< null without TLS
    net::resolver names;
};

class connection : public std::enable_shared_from_this<connection> {
public:
    /// Finds out where to connect to. Throws `error`.
    using finder = std::function<boost::asio::awaitable<redis_host>(time_point deadline)>;

    /// One of these hosts, each time the next one.
    static finder at(std::vector<redis_host> hosts);

    /// With a `unix_socket`, connects to that instead of what `where` finds.
    connection(std::shared_ptr<connecting> shared, finder where, std::string unix_socket, login as);
    connection(connection const&) = delete;
    connection& operator=(connection const&) = delete;
    ~connection();

    /// Sends a command and waits for its reply. A failure has phase `store`, and kind `timeout` if the server
    /// may have received the command; the connection is closed then.
    /// With `redirected`, tells a node of a cluster to serve the command though it does not own the slot yet.
    boost::asio::awaitable<result<reply>> ask(std::vector<std::string> command, store_bounds within,
                                              bool redirected = false);

    /// Closes the connection: the next command opens another. Commands that wait fail.
    void drop();

private:
    struct pending {
        base::wiped_buffer bytes;
        time_point deadline;
        bool is_sent = false;
        bool skips_one = false; ///< the first reply is to a prefix
        std::optional<result<reply>> answer;
        boost::asio::steady_timer* waits = nullptr; ///< of the caller; null once it has left
    };
    using pending_ptr = std::shared_ptr<pending>;

    boost::asio::awaitable<void> drive(pending_ptr one);
    static boost::asio::awaitable<void> go_on(std::shared_ptr<connection> self);
    boost::asio::awaitable<void> open(time_point deadline);
    boost::asio::awaitable<int> connect_tcp(redis_host to, time_point deadline);
    int connect_unix() const;
    boost::asio::awaitable<void> log_in(time_point deadline);
    boost::asio::awaitable<void> wait(net::io_step what, time_point until);
    net::io_step transfer();
    net::io_step write();
    net::io_step read();
    void take_replies();
    void give_up(error_info const& why);
    void fail_all(error_info const& why);
    void fail_sent(error_info const& why);
    void fail_by_stream(net::io_step how) const;
    void close();

    std::shared_ptr<connecting> const shared_;
    finder const where_;
    std::string const unix_socket_;
    login const login_;

    std::optional<boost::asio::posix::stream_descriptor> socket_;
    std::unique_ptr<net::stream> stream_; ///< null while there is no connection
    std::optional<reply_reader> reader_;
    boost::asio::steady_timer timer_;
    base::wiped_buffer out_; ///< to be sent; its first `sent_` bytes have been
    std::size_t sent_ = 0;
    std::list<pending_ptr> pending_; ///< in the order of sending
    store_bounds bounds_;            ///< of the last command
    bool driven_ = false;
    bool ready_ = false; ///< logged in
};

} // namespace equinix::sts::redis_detail
