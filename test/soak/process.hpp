// What this process has of the system's, now.
#pragma once

#include <cstddef>
#include <cstdint>

namespace soak {

std::size_t descriptors();
std::size_t threads();

/// Memory that is really there, in bytes.
std::size_t resident();

/// Bytes that were allocated and not freed.
std::size_t allocated();

/// How often a thread of this process has slept and been woken.
std::uint64_t wake_ups(int thread);

/// Ends of TCP connections to a server's port that are not open any more and still there.
struct ended_connections {
    std::size_t time_wait_of_server = 0;
    std::size_t time_wait_of_clients = 0;
    std::size_t half_closed_of_clients = 0; ///< that the server has closed, and we have not (CLOSE_WAIT)
};
ended_connections ended_to(std::uint16_t server_port);

} // namespace soak
