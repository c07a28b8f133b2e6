#include "system/scripted_system.hpp"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>

namespace test::scripted {
namespace {

struct scripted_name {
    std::vector<std::string> addresses;
    int error = 0;
    bool silent = false;
};

struct names {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, scripted_name> all;
    std::size_t begun = 0;
    std::size_t waiting = 0;
    bool released = false;

    static names& get() {
        static auto& made = *new names; // a look-up may outlive the program's end
        return made;
    }
};

void add(std::string const& host, scripted_name what) {
    auto& known = names::get();
    std::scoped_lock const lock(known.mutex);
    known.all[host] = std::move(what);
    known.released = false;
}

struct burials {
    std::mutex mutex;
    std::condition_variable changed;
    bool held = false;

    static burials& get() {
        static auto& made = *new burials; // as with the names
        return made;
    }
};

struct scripted_call {
    std::function<fate(std::size_t)> decide;
    std::size_t made = 0;
};

thread_local scripted_call the_calls[static_cast<std::size_t>(call::count)];

fate fate_of(call which) {
    auto& scripted = the_calls[static_cast<std::size_t>(which)];
    if (!scripted.decide) return {};
    return scripted.decide(scripted.made++);
}

constexpr auto never = std::size_t(-1);
thread_local std::size_t memory_left = never;
thread_local bool memory_failed = false;
thread_local bool memory_gone = false;
std::atomic<std::int64_t> clock_shift = 0;
std::atomic<std::int64_t> steady_shift = 0; // in ms

thread_local std::uint64_t asked = 0;

bool memory_fails() noexcept {
    if (memory_left == never) return false;
    if (memory_left != 0) {
        --memory_left;
        return false;
    }
    if (!memory_gone) memory_left = never;
    memory_failed = true;
    return true;
}

template <class Function>
Function* real(char const* name) {
    void* const found = ::dlsym(RTLD_NEXT, name);
    Function* function = nullptr;
    std::memcpy(&function, &found, sizeof(found));
    return function;
}

void* openssl_malloc(std::size_t size, char const*, int) {
    return memory_fails() ? nullptr : std::malloc(size);
}
void* openssl_realloc(void* p, std::size_t size, char const*, int) {
    return memory_fails() ? nullptr : std::realloc(p, size);
}
void openssl_free(void* p, char const*, int) {
    std::free(p);
}

/// Before OpenSSL has allocated anything.
[[maybe_unused]] int const hooked =
    CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) == 1 ? 1 : (std::abort(), 0);

/// A list as getaddrinfo makes it, in one block each, for the real freeaddrinfo.
addrinfo* make_list(std::vector<std::string> const& addresses) {
    addrinfo* list = nullptr;
    for (auto at = addresses.rbegin(); at != addresses.rend(); ++at) {
        addrinfo hints{};
        hints.ai_flags = AI_NUMERICHOST;
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* one = nullptr;
        if (real<decltype(::getaddrinfo)>("getaddrinfo")(at->c_str(), nullptr, &hints, &one) != 0)
            std::abort();
        one->ai_next = list;
        list = one;
    }
    return list;
}

} // namespace

void name(std::string const& host, std::vector<std::string> addresses) {
    add(host, {std::move(addresses), 0, false});
}

void name_error(std::string const& host, int code) {
    add(host, {{}, code, false});
}

void silent_name(std::string const& host) {
    add(host, {{"127.0.0.1"}, 0, true});
}

void release_names() {
    auto& known = names::get();
    std::scoped_lock const lock(known.mutex);
    known.released = true;
    known.changed.notify_all();
}

void wait_for_no_lookup() {
    auto& known = names::get();
    std::unique_lock lock(known.mutex);
    known.changed.wait(lock, [&] { return known.waiting == 0; });
}

std::size_t lookups() {
    auto& known = names::get();
    std::scoped_lock const lock(known.mutex);
    return known.begun;
}

void hold_burials() {
    auto& all = burials::get();
    std::scoped_lock const lock(all.mutex);
    all.held = true;
}

void release_burials() {
    auto& all = burials::get();
    std::scoped_lock const lock(all.mutex);
    all.held = false;
    all.changed.notify_all();
}

calls::calls(call which, std::function<fate(std::size_t)> decide) : which_(which) {
    the_calls[static_cast<std::size_t>(which)] = {std::move(decide), 0};
}

calls::~calls() {
    the_calls[static_cast<std::size_t>(which_)] = {};
}

std::size_t calls::made() const {
    return the_calls[static_cast<std::size_t>(which_)].made;
}

std::uint64_t allocations() {
    return asked;
}

no_memory_at::no_memory_at(std::size_t number, bool for_good) {
    memory_failed = false;
    memory_gone = for_good;
    memory_left = number;
}

no_memory_at::~no_memory_at() {
    memory_left = never;
}

bool no_memory_at::happened() const {
    return memory_failed;
}

void shift_wall_clock(std::chrono::seconds by) {
    clock_shift = by.count();
}

void advance_steady_clock(std::chrono::milliseconds by) {
    steady_shift += by.count();
}

} // namespace test::scripted

using namespace test::scripted;

extern "C" {

int getaddrinfo(char const* host, char const* service, addrinfo const* hints, addrinfo** list) {
    auto& known = names::get();
    std::unique_lock lock(known.mutex);
    auto const found = host != nullptr ? known.all.find(host) : known.all.end();
    if (found == known.all.end()) {
        lock.unlock();
        return real<decltype(::getaddrinfo)>("getaddrinfo")(host, service, hints, list);
    }
    auto const script = found->second;
    ++known.begun;
    ++known.waiting;
    known.changed.notify_all();
    known.changed.wait(lock, [&] { return !script.silent || known.released; });
    --known.waiting;
    known.changed.notify_all();
    lock.unlock();
    if (script.error == 0) *list = make_list(script.addresses);
    return script.error;
}

pid_t waitpid(pid_t child, int* status, int options) {
    auto& all = burials::get();
    {
        std::unique_lock lock(all.mutex);
        if (all.held && (options & WNOHANG) != 0) return 0;
        all.changed.wait(lock, [&] { return !all.held; });
    }
    return real<decltype(::waitpid)>("waitpid")(child, status, options);
}

int socket(int family, int type, int protocol) {
    auto const decided = fate_of(call::socket);
    if (decided.error == 0) return real<decltype(::socket)>("socket")(family, type, protocol);
    errno = decided.error;
    return -1;
}

int connect(int descriptor, sockaddr const* to, socklen_t size) {
    auto const decided = fate_of(call::connect);
    if (decided.error != 0) {
        errno = decided.error;
        return -1;
    }
    sockaddr_in elsewhere{};
    if (decided.port != 0) {
        elsewhere.sin_family = AF_INET;
        elsewhere.sin_port = htons(decided.port);
        elsewhere.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        to = reinterpret_cast<sockaddr const*>(&elsewhere);
        size = sizeof(elsewhere);
    }
    return real<decltype(::connect)>("connect")(descriptor, to, size);
}

ssize_t send(int descriptor, void const* data, std::size_t size, int flags) {
    auto const decided = fate_of(call::send);
    if (decided.error == 0)
        return real<decltype(::send)>("send")(descriptor, data, std::min(size, decided.at_most), flags);
    errno = decided.error;
    return -1;
}

ssize_t recv(int descriptor, void* data, std::size_t size, int flags) {
    auto const decided = fate_of(call::recv);
    if (decided.error == 0)
        return real<decltype(::recv)>("recv")(descriptor, data, std::min(size, decided.at_most), flags);
    errno = decided.error;
    return -1;
}

int clock_gettime(clockid_t which, timespec* now) {
    auto const result = static_cast<int>(::syscall(SYS_clock_gettime, which, now));
    if (which == CLOCK_REALTIME) now->tv_sec += clock_shift;
    if (which == CLOCK_MONOTONIC || which == CLOCK_MONOTONIC_COARSE) {
        auto const ns = now->tv_nsec + steady_shift * 1'000'000;
        now->tv_sec += ns / 1'000'000'000;
        now->tv_nsec = ns % 1'000'000'000;
    }
    return result;
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
    void* made = nullptr;
    ++asked;
    if (memory_fails() || ::posix_memalign(&made, alignment, size) != 0) return nullptr;
    return made;
}

} // extern "C"

void* operator new(std::size_t size) {
    ++asked;
    void* const made = memory_fails() ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (made == nullptr) throw std::bad_alloc();
    return made;
}

void* operator new(std::size_t size, std::nothrow_t const&) noexcept {
    ++asked;
    return memory_fails() ? nullptr : std::malloc(size == 0 ? 1 : size);
}

void operator delete(void* p) noexcept {
    std::free(p);
}

void operator delete(void* p, std::size_t) noexcept {
    std::free(p);
}
