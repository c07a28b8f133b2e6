// What a plug-in that uses the library shows its host.
#pragma once

/// What the library has a detached thread for.
enum class work_under_way { look_up, file, command };

/// Begins it, goes on until `begun` says so, and destroys everything in the middle of it. `name` is the host,
/// the file's path or the program's name.
using begin_and_leave = void(work_under_way what, char const* name, bool (*begun)());
extern "C" [[gnu::visibility("default")]] begin_and_leave plugin_begin_and_leave;
