#include "interop/redis_servers.hpp"

#include <algorithm>

namespace test {

redis_server::redis_server(std::vector<std::string> settings) : settings_(std::move(settings)) {
    start();
}

void redis_server::start() {
    auto const program = find_program("redis-server");
    BOOST_REQUIRE(program.has_value());
    bool const tls = std::ranges::find(settings_, "--tls-cert-file") != settings_.end();
    std::vector<std::string> command = {*program,
                                        tls ? "--tls-port" : "--port",
                                        std::to_string(port()),
                                        "--bind",
                                        "127.0.0.1",
                                        "--save",
                                        "",
                                        "--appendonly",
                                        "no"};
    if (tls) command.insert(command.end(), {"--port", "0", "--tls-auth-clients", "no"});
    command.insert(command.end(), settings_.begin(), settings_.end());
    process_.emplace(std::move(command), port(), files_.path());
}

sts::redis_options redis_server::options() const {
    sts::redis_options made;
    made.hosts = {sts::redis_host("127.0.0.1", port())};
    return made;
}

std::string redis_server::tell(std::string const& words) const {
    auto got =
        shell("redis-cli -p " + std::to_string(port()) + " " + cli_options + " " + words + " 2>&1").output;
    while (got.ends_with('\n'))
        got.pop_back();
    return got;
}

sentinel::sentinel(unsigned short master, std::vector<std::string> const& more) {
    auto const program = find_program("redis-sentinel");
    BOOST_REQUIRE(program.has_value());
    auto const number = std::to_string(port());
    std::string settings = "port " + number + "\nbind 127.0.0.1\nsentinel monitor fleet 127.0.0.1 " +
                           std::to_string(master) +
                           " 1\n" // Only a test decides that a server is down, however slow this machine is.
                           "sentinel down-after-milliseconds fleet 600000\n"
                           "sentinel failover-timeout fleet 2000\n";
    for (auto const& one : more)
        settings += one + "\n";
    process_.emplace(std::vector{*program, files_.file("sentinel.conf", settings)}, port(), files_.path());
}

void until(std::function<bool()> const& holds) {
    BOOST_REQUIRE(await(holds));
}

} // namespace test
