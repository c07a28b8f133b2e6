/// \file
/// A token store in Redis or Valkey, for the processes of many machines. In the library `equinix::sts_redis`.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/secret.hpp>
#include <equinix/sts/tls_options.hpp>
#include <equinix/sts/token_store.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts {

/// How the servers of a store are organised.
enum class redis_topology {
    standalone, ///< one server
    sentinel,   ///< the master that the sentinels name
    cluster     ///< a cluster; any of its nodes suffice to find the others
};

/// The host and port of a server.
struct redis_host {
    redis_host() = default;

    /// Creates a host. `name` is a host name or an address without brackets; `redis_store` checks it.
    explicit redis_host(std::string name, std::uint16_t port = 6379) : name(std::move(name)), port(port) {}

    std::string name;          ///< a name or an address
    std::uint16_t port = 6379; ///< the TCP port; sentinels listen on 26379 by default

    friend bool operator==(redis_host const&, redis_host const&) = default;
};

/// Where the store is and how to log in. Set members on a named object.
struct redis_options {
    redis_options() = default;

    /// Reads a URL:
    ///
    /// - `redis://HOST[:PORT][/DB]`, with TLS `rediss://…`
    /// - `redis+unix:PATH[?db=N]`
    /// - `redis+sentinel://HOST[:PORT],…/SERVICE[/DB]`, with TLS `rediss+sentinel://…`
    /// - `redis+cluster://HOST[:PORT],…`, with TLS `rediss+cluster://…`
    ///
    /// A user and a password in a URL are refused, because URLs end up in logs: set `user` and `password`.
    ///
    /// \throws sts::error of kind `config`, which says what is wrong.
    static EQUINIX_STS_DECL redis_options from_url(std::string_view url);

    /// How the servers are organised. Default: one server.
    redis_topology topology = redis_topology::standalone;

    /// The server; the sentinels; or some nodes of the cluster. They are tried in order.
    std::vector<redis_host> hosts;

    /// The path of a Unix domain socket, instead of `hosts`, for one server. Default: none.
    std::string unix_socket;

    /// The name of the master that the sentinels watch.
    std::string service;

    /// The number of the database. Default 0, the only one in a cluster.
    unsigned database = 0;

    /// The ACL user. Default: none; then `password` is that of the user `default`.
    std::string user;

    /// The password. Default: none.
    secret password;

    /// The ACL user and the password for the sentinels. Default: none.
    std::string sentinel_user;
    secret sentinel_password; ///< see `sentinel_user`

    /// Whether connections use TLS, and how. Default: none. The names in `hosts`, and those that sentinels
    /// and cluster nodes return, must be in the servers' certificates.
    std::optional<tls_options> tls;
};

/// Returns a store in Redis 6.2 or newer, or Valkey. Connects when it is first used, and again when a
/// connection is lost. Uses one connection (in a cluster, one to each node that is needed), over which
/// commands are pipelined.
///
/// A record of name N is the key `equinix-sts:{N}`, its lease `equinix-sts:{N}:lease`. Both expire (PX).
/// The commands are scripts (`EVALSHA`), so each is one step.
///
/// The connection runs on `executor`. While no command is in progress, it is not outstanding work, and
/// `io_context::run()` may return.
///
/// Thread-safety: the store may be used from any thread and on any executor.
///
/// \throws sts::error of kind `config`, with the member at fault.
EQUINIX_STS_DECL std::shared_ptr<token_store> redis_store(boost::asio::any_io_executor executor,
                                                          redis_options options);

/// What a server reports about itself (`INFO`). A text is empty if the server did not report it.
struct redis_facts {
    redis_facts() = default;

    std::string software;          ///< `redis` or `valkey`
    std::string version;           ///< as in `7.0.15`
    std::string role;              ///< `master` or `slave`
    std::string eviction_policy;   ///< `maxmemory_policy`, as in `volatile-ttl`
    std::uint64_t max_memory = 0;  ///< `maxmemory` in bytes; 0 is no limit
    std::uint64_t used_memory = 0; ///< in bytes
};

/// Asks a server of the store about itself, for a diagnosis. Needs the command `INFO`.
///
/// Fails as the functions of `token_store` do; with kind `config` if `store` is not one that `redis_store`
/// returned.
EQUINIX_STS_DECL boost::asio::awaitable<result<redis_facts>>
redis_facts_of(std::shared_ptr<token_store> store, store_bounds within = store_bounds());

} // namespace equinix::sts
