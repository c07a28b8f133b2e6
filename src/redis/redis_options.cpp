// Reads the URL of a store in Redis, and checks its options.
#include "base/failure.hpp"
#include "redis/check_options.hpp"

#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace equinix::sts {
namespace {

[[noreturn]] void refuse_url(std::string_view why) {
    base::refuse("the URL of the token store " + std::string(why));
}

template <class Number>
Number number_in(std::string_view digits, unsigned long most, std::string_view what) {
    unsigned long value = 0;
    auto const* const begin = digits.data();
    auto const* const end = begin + digits.size();
    auto const read = std::from_chars(begin, end, value);
    if (digits.empty() || read.ptr != end || read.ec != std::errc() || value > most)
        refuse_url("has an invalid " + std::string(what) + ": " + std::string(digits.substr(0, 32)));
    return static_cast<Number>(value);
}

redis_host host_in(std::string_view text, std::uint16_t port) {
    redis_host made(std::string(), port);
    if (text.starts_with('[')) {
        auto const end = text.find(']');
        if (end == std::string_view::npos) refuse_url("has an address without its closing bracket");
        made.name = text.substr(1, end - 1);
        text.remove_prefix(end + 1);
    } else {
        made.name = text.substr(0, text.find(':'));
        text.remove_prefix(made.name.size());
    }
    if (made.name.empty()) refuse_url("has no host: write redis://HOST");
    if (text.empty()) return made;
    if (text.front() != ':') refuse_url("has something other than a port after a host");
    made.port = number_in<std::uint16_t>(text.substr(1), 65535, "port");
    if (made.port == 0) refuse_url("has the port 0");
    return made;
}

std::vector<redis_host> hosts_in(std::string_view text, std::uint16_t port) {
    std::vector<redis_host> all;
    for (;;) {
        auto const comma = text.find(',');
        all.push_back(host_in(text.substr(0, comma), port));
        if (comma == std::string_view::npos) return all;
        text.remove_prefix(comma + 1);
    }
}

bool take(std::string_view& text, std::string_view start) {
    if (!text.starts_with(start)) return false;
    text.remove_prefix(start.size());
    return true;
}

constexpr std::uint16_t port_of_servers = 6379, port_of_sentinels = 26379;
constexpr unsigned long most_databases = 65535;

redis_options unix_socket_in(std::string_view path) {
    redis_options made;
    auto const query = path.find('?');
    if (query != std::string_view::npos) {
        auto parameters = path.substr(query + 1);
        if (!take(parameters, "db=")) refuse_url("has a parameter other than db");
        made.database = number_in<unsigned>(parameters, most_databases, "database");
    }
    made.unix_socket = path.substr(0, query);
    if (!made.unix_socket.starts_with('/')) refuse_url("needs the socket's absolute path: redis+unix:/PATH");
    return made;
}

} // namespace

redis_options redis_options::from_url(std::string_view url) {
    if (take(url, "redis+unix:")) return unix_socket_in(url);
    redis_options made;
    if (url.starts_with("rediss")) made.tls.emplace();
    if (take(url, "redis://") || take(url, "rediss://"))
        made.topology = redis_topology::standalone;
    else if (take(url, "redis+sentinel://") || take(url, "rediss+sentinel://"))
        made.topology = redis_topology::sentinel;
    else if (take(url, "redis+cluster://") || take(url, "rediss+cluster://"))
        made.topology = redis_topology::cluster;
    else
        refuse_url("begins with none of redis://, rediss://, redis+unix:, redis+sentinel://, "
                   "redis+cluster://, rediss+sentinel://, rediss+cluster://");
    if (url.find('@') != std::string_view::npos)
        refuse_url("has a user or a password, which would end up in logs: give them separately");
    if (url.find_first_of("?#") != std::string_view::npos)
        refuse_url("has parameters, which this form does not allow");
    bool const sentinel = made.topology == redis_topology::sentinel;
    auto const slash = url.find('/');
    made.hosts = hosts_in(url.substr(0, slash), sentinel ? port_of_sentinels : port_of_servers);
    auto path = slash == std::string_view::npos ? std::string_view() : url.substr(slash + 1);
    if (sentinel) {
        made.service = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), made.service.size() + 1));
        if (made.service.empty())
            refuse_url("has no name of a master: write redis+sentinel://HOST,HOST/SERVICE");
    }
    if (!path.empty()) made.database = number_in<unsigned>(path, most_databases, "database");
    redis_detail::check_options(made);
    return made;
}

namespace redis_detail {

void check_options(redis_options const& options) {
    if (options.unix_socket.empty() && options.hosts.empty())
        base::refuse("redis_options::hosts", " is empty: give the host of a server");
    if (!options.unix_socket.empty() && !options.hosts.empty())
        base::refuse("redis_options::hosts", " must be empty with a unix_socket");
    if (!options.unix_socket.empty() && options.topology != redis_topology::standalone)
        base::refuse("redis_options::unix_socket", " is for one server, not for sentinels or a cluster");
    if (options.unix_socket.size() >= sizeof(::sockaddr_un::sun_path))
        base::refuse("redis_options::unix_socket", " is longer than the path of a socket may be");
    for (auto const& one : options.hosts)
        if (one.name.empty() || one.port == 0)
            base::refuse("redis_options::hosts", " has a host without a name or a port");
    if (options.topology == redis_topology::standalone && options.hosts.size() > 1)
        base::refuse("redis_options::hosts",
                     " has more than one host: set the topology, sentinel or cluster");
    if (options.topology == redis_topology::sentinel && options.service.empty())
        base::refuse("redis_options::service",
                     " is empty: give the name of the master that the sentinels watch");
    if (options.topology == redis_topology::cluster && options.database != 0)
        base::refuse("redis_options::database", " must be 0 in a cluster");
    if (!options.user.empty() && options.password.empty())
        base::refuse("redis_options::password", " is empty, but there is a user");
    if (!options.sentinel_user.empty() && options.sentinel_password.empty())
        base::refuse("redis_options::sentinel_password", " is empty, but there is a sentinel_user");
    if (options.tls && !options.unix_socket.empty())
        base::refuse("redis_options::tls", " cannot be used over a Unix domain socket");
}

} // namespace redis_detail
} // namespace equinix::sts
