#include "interop/server_process.hpp"

#include "support/skipped.hpp"

#include <boost/test/results_collector.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <thread>

namespace test {
namespace {

constexpr auto time_to_go = std::chrono::seconds(10);
constexpr auto between_looks = std::chrono::milliseconds(5);

::sockaddr_in loopback(unsigned short port) {
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

::sockaddr* generic(::sockaddr_in& address) {
    return reinterpret_cast<::sockaddr*>(&address); // NOLINT: the socket API's own idiom
}

bool accepts_connections(unsigned short port) {
    int const descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    BOOST_REQUIRE(descriptor >= 0);
    auto address = loopback(port);
    bool const accepted = ::connect(descriptor, generic(address), sizeof(address)) == 0;
    ::close(descriptor);
    return accepted;
}

bool case_has_failed() {
    namespace framework = boost::unit_test;
    auto const current = framework::framework::current_test_case_id();
    auto const& results = framework::results_collector.results(current);
    return results.p_assertions_failed != 0 || results.p_aborted || std::uncaught_exceptions() != 0;
}

/// Between fork and exec: nothing here allocates or locks.
[[noreturn]] void become(char* const* arguments, char const* directory, char const* output, ::pid_t parent) {
    ::setpgid(0, 0);
    // A test that is killed takes its servers along, and each of them its children when it ends in order.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent || ::chdir(directory) != 0) ::_exit(127);
    int const nothing = ::open("/dev/null", O_RDONLY);
    int const log = ::open(output, O_WRONLY | O_CREAT | O_APPEND, 0644); // NOLINT: the mode is variadic
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::close_range(STDERR_FILENO + 1, ~0U, 0); // a server must not hold the test's sockets open
    ::execv(arguments[0], arguments);
    ::_exit(127);
}

} // namespace

bool await(std::function<bool()> const& holds, std::chrono::seconds bound) {
    auto const give_up = std::chrono::steady_clock::now() + bound;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > give_up) return false;
        std::this_thread::sleep_for(between_looks);
    }
    return true;
}

std::optional<std::string> find_program(std::string const& name) {
    auto const* const path = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): nobody sets it here
    std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/usr/local/sbin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        auto const candidate = folder + "/" + name;
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return std::nullopt;
}

std::filesystem::path npm_folder() {
    return std::filesystem::path(SOURCE_FOLDER) / "test" / "interop" / "npm";
}

boost::unit_test::decorator::precondition needs(std::vector<std::string> servers) {
    auto const installed = [](std::string const& server) {
        return find_program(server) || std::filesystem::exists(npm_folder() / "node_modules" / server) ||
               std::filesystem::exists(std::filesystem::path(OPENSSL_info(OPENSSL_INFO_MODULES_DIR)) /
                                       server);
    };
    return boost::unit_test::decorator::precondition(
        [installed, servers = std::move(servers)](
            boost::unit_test::test_unit_id) -> boost::test_tools::assertion_result {
            auto const missing = std::ranges::find_if_not(servers, installed);
            if (missing == servers.end()) return true;
            any_skipped = true;
            std::cout << "skipped: " << *missing << " is not installed" << std::endl;
            return false;
        });
}

std::string read_file(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

server_process::server_process(std::vector<std::string> command, unsigned short port,
                               std::filesystem::path directory)
    : directory_(std::move(directory)), name_(std::filesystem::path(command.front()).filename()) {
    start(command);
    try {
        await_listening(port);
    } catch (...) {
        kill_group();
        show_logs();
        throw;
    }
}

server_process::~server_process() {
    // In order if it can be had: the server then takes its children and its shared memory along.
    if (running_ && ::kill(pid_, SIGTERM) == 0) await_end(time_to_go);
    kill_group();
    if (case_has_failed()) show_logs();
}

void server_process::start(std::vector<std::string> const& command) {
    std::vector<char*> arguments;
    for (auto const& argument : command)
        arguments.push_back(const_cast<char*>(argument.c_str())); // NOLINT: execv's signature, it only reads
    arguments.push_back(nullptr);
    auto const output = (directory_ / "output.log").string();
    auto const parent = ::getpid();
    pid_ = ::fork();
    BOOST_REQUIRE(pid_ >= 0);
    if (pid_ == 0) become(arguments.data(), directory_.c_str(), output.c_str(), parent);
    ::setpgid(pid_, pid_); // here as well: whoever comes first, the group exists before it is needed
    running_ = true;
}

void server_process::await_listening(unsigned short port) {
    bool const listening = await([&] {
        running_ = running_ && ::waitpid(pid_, nullptr, WNOHANG) == 0;
        return !running_ || accepts_connections(port);
    });
    BOOST_REQUIRE_MESSAGE(running_, name_ << " has ended before it listened");
    BOOST_REQUIRE_MESSAGE(listening, name_ << " does not listen");
}

void server_process::signal(int number) const {
    BOOST_REQUIRE(running_);
    BOOST_REQUIRE(::kill(pid_, number) == 0);
}

bool server_process::await_end(std::chrono::seconds bound) {
    return await(
        [this] {
            running_ = running_ && ::waitpid(pid_, nullptr, WNOHANG) == 0;
            return !running_;
        },
        bound);
}

void server_process::end(int signal_number) {
    signal(signal_number);
    BOOST_REQUIRE_MESSAGE(await_end(guard), name_ << " does not end");
}

void server_process::kill_group() noexcept {
    ::kill(-pid_, SIGKILL);
    if (running_) ::waitpid(pid_, nullptr, 0);
    running_ = false;
}

void server_process::show_logs() const {
    for (auto const& entry : std::filesystem::directory_iterator(directory_)) {
        if (entry.path().extension() != ".log") continue;
        std::cerr << "---- " << name_ << ": " << entry.path().filename().string() << '\n'
                  << read_file(entry.path());
    }
    std::cerr << "----" << std::endl;
}

} // namespace test
