// Threads that nobody joins, for calls to the system that block and cannot be cancelled.
//
// Such a thread may outlive all that asked for it: the client, `main()`, the plug-in that this library is a
// part of. So what runs on it touches only what it owns a share of, and no static object that has a
// destructor. The shared object with this code stays loaded until the thread has ended: `dlclose()` meanwhile
// returns at once, and the end of the last such thread unloads it.
#pragma once

#include <functional>

namespace equinix::sts::base {

/// Calls `work`, which must not throw, on a thread of its own. That gets no signals from outside: those are
/// for the program's own threads.
///
/// Throws `std::system_error` when no thread can be started, or `std::bad_alloc`; then `work` is not called.
/// Once the plug-in's static objects are being destroyed by `dlclose()` there are no threads any more.
void run_detached(std::function<void()> work);

} // namespace equinix::sts::base
