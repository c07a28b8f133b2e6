// Real servers as children of a test: in the foreground, on loopback, gone when the test is.
#pragma once

#include "support/reserved_port.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace test {

/// A bound that guards against hanging and measures nothing; below that of ctest, so that logs are still
/// shown.
inline constexpr auto guard = std::chrono::seconds(60);

/// Looks again and again until the condition holds; false if it never does.
bool await(std::function<bool()> const& holds, std::chrono::seconds bound = guard);

/// Where a program is, the folders that an ordinary user's PATH leaves out included.
std::optional<std::string> find_program(std::string const& name);

/// Where the servers from npm are, and the scripts that start them.
std::filesystem::path npm_folder();

/// Skips a case where a server, a program, a package of `npm_folder()` or a provider of OpenSSL, is not
/// installed, in a line that ctest knows (see discover_boost_tests_at_build). `report.sh` reads the names
/// from the source.
boost::unit_test::decorator::precondition needs(std::vector<std::string> servers);

/// A server that runs until it is told to end, or until this object goes, and then all of its process group.
class server_process {
public:
    /// Runs the first of `command` with the rest as its arguments, in `directory`, and returns once it
    /// accepts connections on `port`. What it prints goes to `output.log` in that folder. If it does not come
    /// up, the case fails, and each `*.log` of the folder is shown; likewise when the case fails later.
    server_process(std::vector<std::string> command, unsigned short port, std::filesystem::path directory);
    server_process(server_process const&) = delete;
    server_process& operator=(server_process const&) = delete;
    ~server_process();

    /// Sends a signal to the server itself, not to its children.
    void signal(int number) const;

    /// Sends a signal that means "finish and go", and waits until it has.
    void end(int signal_number);

private:
    void start(std::vector<std::string> const& command);
    void await_listening(unsigned short port);
    bool await_end(std::chrono::seconds bound);
    void kill_group() noexcept;
    void show_logs() const;

    std::filesystem::path directory_;
    std::string name_;
    ::pid_t pid_ = -1;
    bool running_ = false;
};

/// The whole text of a file, empty when there is none.
std::string read_file(std::filesystem::path const& path);

} // namespace test
