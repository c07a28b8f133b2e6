// Threads that are never joined, for system calls that block and cannot be cancelled.
//
// Such a thread may outlive everything that asked for it: the client, `main()`, the plug-in that this library
// is a part of. So what runs on it touches only what it shares ownership of, and no static object that has a
// destructor. The shared object with this code stays loaded until the thread has ended: `dlclose()` returns
// immediately meanwhile, and the end of the last such thread unloads the object.
#pragma once

#include <functional>

namespace equinix::sts::base {

/// Calls `work`, which must not throw, on a thread of its own. External signals are blocked on that thread:
/// they are for the program's own threads.
///
/// Throws `std::system_error` when no thread can be started, or `std::bad_alloc`; `work` is not called then.
/// Once `dlclose()` has begun to destroy the plug-in's static objects, no more threads are started.
void run_detached(std::function<void()> work);

} // namespace equinix::sts::base
