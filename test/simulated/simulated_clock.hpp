// A clock that goes only when a test says so, beneath the library, Asio and the mock service alike. This
// program defines `clock_gettime` itself (simulated_clock.cpp), for the steady, the wall and the boot clock.
// It refuses `timerfd_create`, so that Asio looks for due timers whenever it looks for events, and has
// `epoll_wait` return after a millisecond at the latest, so that a thread that waits sees the time that was
// set meanwhile.
//
// What goes through sockets takes no time. `simulation` (simulation.hpp) lets it happen before time goes on.
#pragma once

#include <chrono>

namespace test::simulated {

/// Time goes on, on every clock.
void advance(std::chrono::nanoseconds by);

/// The machine sleeps: the wall clock goes on, the steady clock does not.
void suspend(std::chrono::nanoseconds by);

/// Has the wall clock be so far off.
void shift_wall_clock(std::chrono::nanoseconds off);

/// How much time has really gone by since the program began, as nobody but the test knows.
std::chrono::nanoseconds elapsed();

/// Has each look at the steady clock by this thread take so long. While it lives.
class slow_looks {
public:
    explicit slow_looks(std::chrono::nanoseconds each);
    slow_looks(slow_looks const&) = delete;
    slow_looks& operator=(slow_looks const&) = delete;
    ~slow_looks();
};

} // namespace test::simulated
