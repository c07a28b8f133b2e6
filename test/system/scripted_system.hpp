// The system beneath the client, as a script would have it: names that do not resolve, calls that fail,
// memory that runs out, a wall clock that jumps. This program defines the functions itself
// (scripted_system.cpp), so that the library under test calls them here; what no script names goes on to the
// system's own.
//
// Calls and memory are scripted for the thread that asks for it alone: the mock service in its own thread
// lives on in a sound system.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace test::scripted {

// ---- names ----------------------------------------------------------------------------------------------

/// Has a name stand for these addresses.
void name(std::string const& host, std::vector<std::string> addresses);

/// Has a name fail with an EAI_ code.
void name_error(std::string const& host, int code);

/// Has the look-up of a name wait until `release_names()`.
void silent_name(std::string const& host);
void release_names();

/// Waits until nobody waits in a look-up any more.
void wait_for_no_lookup();

/// How many look-ups of scripted names were begun.
std::size_t lookups();

// ---- children -------------------------------------------------------------------------------------------

/// Has every child seem to run on, and those who wait for one's end wait, until they are released.
void hold_burials();
void release_burials();

// ---- calls ----------------------------------------------------------------------------------------------

enum class call : unsigned char { socket, connect, send, recv, count };

/// What becomes of one call.
struct fate {
    int error = 0;                         ///< it fails with this errno
    std::size_t at_most = std::size_t(-1); ///< it transfers no more bytes
    std::uint16_t port = 0;                ///< a connect goes to this port instead
};

/// Decides the fate of each call of one sort, given how many were made before. While it lives.
class calls {
public:
    calls(call which, std::function<fate(std::size_t)> decide);
    calls(calls const&) = delete;
    calls& operator=(calls const&) = delete;
    ~calls();

    std::size_t made() const;

private:
    call which_;
};

// ---- memory ---------------------------------------------------------------------------------------------

/// Has the allocation with this number (of operator new, Asio and OpenSSL; 0 is the first) fail, and with
/// `for_good` every one after it. While it lives.
class no_memory_at {
public:
    explicit no_memory_at(std::size_t number, bool for_good = false);
    no_memory_at(no_memory_at const&) = delete;
    no_memory_at& operator=(no_memory_at const&) = delete;
    ~no_memory_at();

    /// Whether it has come to that.
    bool happened() const;
};

/// How often the calling thread has asked for memory, what OpenSSL has asked for left out.
std::uint64_t allocations();

// ---- time -----------------------------------------------------------------------------------------------

/// Has the wall clock, and no other, be so far off.
void shift_wall_clock(std::chrono::seconds by);

/// Has the steady clock go on by so much, and no timer of the system notice.
void advance_steady_clock(std::chrono::milliseconds by);

} // namespace test::scripted
