#include "suppliers/opened_files.hpp"

#include <dlfcn.h>
#include <fcntl.h>

#include <condition_variable>
#include <cstdarg>
#include <mutex>

namespace test {
namespace {

struct watch {
    std::mutex mutex;
    std::condition_variable changed;
    std::string path;
    bool held = false;
    std::size_t begun = 0;

    static watch& get() {
        static auto& made = *new watch; // a reader's thread may outlive the program's end
        return made;
    }

    void pass(char const* opened) {
        std::unique_lock lock(mutex);
        if (path.empty() || path != opened) return;
        ++begun;
        changed.wait(lock, [this] { return !held; });
    }
};

} // namespace

watched_file::watched_file(std::string const& path) {
    auto& state = watch::get();
    std::scoped_lock const lock(state.mutex);
    state.path = path;
    state.begun = 0;
}

watched_file::~watched_file() {
    let_go();
    auto& state = watch::get();
    std::scoped_lock const lock(state.mutex);
    state.path.clear();
}

void watched_file::hold() {
    auto& state = watch::get();
    std::scoped_lock const lock(state.mutex);
    state.held = true;
}

void watched_file::let_go() {
    auto& state = watch::get();
    std::scoped_lock const lock(state.mutex);
    state.held = false;
    state.changed.notify_all();
}

std::size_t watched_file::begun() const {
    auto& state = watch::get();
    std::scoped_lock const lock(state.mutex);
    return state.begun;
}

} // namespace test

extern "C" int open(char const* path, int flags, ...) { // NOLINT: C's own
    static auto const system = reinterpret_cast<int (*)(char const*, int, ...)>(::dlsym(RTLD_NEXT, "open"));
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0) {
        std::va_list more;
        va_start(more, flags);
        mode = va_arg(more, mode_t);
        va_end(more);
    }
    test::watch::get().pass(path);
    return system(path, flags, mode);
}
