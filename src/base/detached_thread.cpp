#include "base/detached_thread.hpp"

#include <dlfcn.h>
#include <link.h>
#include <signal.h>

#include <atomic>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

/// Provided by glibc without a header: calls `function`, whose result is ignored, when the calling thread has
/// ended, and keeps the object that contains `symbol` loaded until then.
// NOLINTNEXTLINE(bugprone-reserved-identifier): its own name
extern "C" int __cxa_thread_atexit_impl(int (*function)(void*), void* argument, void* symbol) noexcept;

namespace equinix::sts::base {
namespace {

/// External signals are blocked on threads that are started meanwhile.
class no_signals {
public:
    no_signals() {
        sigset_t all;
        ::sigfillset(&all);
        for (int const of_its_own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS})
            ::sigdelset(&all, of_its_own);
        ::pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    no_signals(no_signals const&) = delete;
    no_signals& operator=(no_signals const&) = delete;
    ~no_signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

/// The loader's name of the object that contains this code. Empty for the program itself, which is never
/// unloaded.
char const* own_name() noexcept {
    static constinit std::atomic<char const*> known = nullptr; // finding it out takes the loader's lock
    auto const* name = known.load(std::memory_order_relaxed);
    if (name != nullptr) return name;
    Dl_info about{};
    void* map = nullptr;
    bool const found = ::dladdr1(&known, &about, &map, RTLD_DL_LINKMAP) != 0 && map != nullptr;
    name = found ? static_cast<link_map const*>(map)->l_name : "";
    known.store(name, std::memory_order_relaxed);
    return name;
}

/// Set before the first static object of a plug-in is destroyed: C++ destroys them afterwards.
constinit std::atomic<bool> unloading = false;

[[gnu::destructor]] void begin_unloading() noexcept {
    unloading = true;
}

struct unload {
    void operator()(void* object) const noexcept { ::dlclose(object); }
};
using loaded_object = std::unique_ptr<void, unload>;

/// A reference to the object that contains this code; null where none is needed. Blocks only while another
/// thread that loads or unloads an object, and so holds the loader's lock, waits for this thread.
loaded_object share_of_this_code() {
    auto const* const name = own_name();
    if (*name == '\0') return nullptr;
    loaded_object share(unloading ? nullptr : ::dlopen(name, RTLD_LAZY | RTLD_NOLOAD));
    if (!share)
        throw std::system_error(std::make_error_code(std::errc::operation_canceled),
                                "the library is being unloaded");
    return share;
}

/// Releases a reference when this thread has ended. Done by the C library alone: when it unloads this code,
/// nothing may return to it.
void give_back_at_the_end(loaded_object share) noexcept {
    if (!share) return;
    __cxa_thread_atexit_impl(::dlclose, share.release(), reinterpret_cast<void*>(::dlclose));
}

} // namespace

void run_detached(std::function<void()> work) {
    auto share = share_of_this_code();
    no_signals const meanwhile;
    std::thread([work = std::move(work), share = std::move(share)]() mutable noexcept {
        work();
        work = nullptr;
        give_back_at_the_end(std::move(share));
    }).detach();
}

} // namespace equinix::sts::base
