#include "soak/process.hpp"

#include <malloc.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>

namespace soak {
namespace {

/// The number behind `name:` in a file of /proc.
std::uint64_t field(std::string const& file, std::string const& name) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);)
        if (line.starts_with(name + ":")) return std::stoull(line.substr(name.size() + 1));
    throw std::runtime_error(file + " has no " + name);
}

std::size_t entries(char const* folder) {
    auto const all = std::filesystem::directory_iterator(folder);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// The port of an address as /proc/net/tcp writes it.
std::uint16_t port_of(std::string const& address) {
    return static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1), nullptr, 16));
}

} // namespace

std::size_t descriptors() {
    return entries("/proc/self/fd") - 1; // the one that looks
}

std::size_t threads() {
    return entries("/proc/self/task");
}

std::size_t resident() {
    std::ifstream in("/proc/self/statm");
    std::size_t all = 0, there = 0;
    in >> all >> there;
    return there * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t allocated() {
    auto const all = ::mallinfo2();
    return all.uordblks + all.hblkhd;
}

std::uint64_t wake_ups(int thread) {
    return field("/proc/self/task/" + std::to_string(thread) + "/status", "voluntary_ctxt_switches");
}

ended_connections ended_to(std::uint16_t server_port) {
    constexpr auto time_wait = "06", close_wait = "08";
    ended_connections found;
    for (auto const* const file : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream in(file);
        std::string line;
        std::getline(in, line); // the names of the columns
        while (std::getline(in, line)) {
            std::istringstream columns(line);
            std::string number, here, there, state;
            columns >> number >> here >> there >> state;
            if (state == time_wait && port_of(here) == server_port) ++found.time_wait_of_server;
            if (state == time_wait && port_of(there) == server_port) ++found.time_wait_of_clients;
            if (state == close_wait && port_of(there) == server_port) ++found.half_closed_of_clients;
        }
    }
    return found;
}

} // namespace soak
