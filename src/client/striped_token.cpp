#include "client/striped_token.hpp"

#include "client/clocks.hpp"

#include <sched.h>
#include <time.h>

#include <new>

namespace equinix::sts::client_detail {
namespace {

std::int64_t ns(std::chrono::steady_clock::time_point at) noexcept {
    return std::chrono::nanoseconds(at.time_since_epoch()).count();
}

std::int64_t ns(std::chrono::system_clock::time_point at) noexcept {
    return std::chrono::nanoseconds(at.time_since_epoch()).count();
}

std::atomic<unsigned> threads = 0;

/// The number of the calling thread, from 1. Not set by a dynamic initialiser, which would be checked on each
/// use.
unsigned my_number() noexcept {
    thread_local constinit unsigned number = 0;
    if (number == 0) number = threads.fetch_add(1, std::memory_order_relaxed) + 1;
    return number;
}

/// Allocates memory that shares no cache line, nor a pair of them, with anything else.
template <class T>
struct apart_allocator {
    using value_type = T;

    static constexpr std::align_val_t alignment{striped_token::apart};

    apart_allocator() noexcept = default;
    template <class U>
    apart_allocator(apart_allocator<U> const&) noexcept {}

    T* allocate(std::size_t n) {
        auto const size =
            (n * sizeof(T) + striped_token::apart - 1) / striped_token::apart * striped_token::apart;
        return static_cast<T*>(::operator new(size, alignment));
    }
    void deallocate(T* p, std::size_t) noexcept { ::operator delete(p, alignment); }
    friend bool operator==(apart_allocator, apart_allocator) noexcept { return true; }
};

} // namespace

class striped_token::hold {
public:
    explicit hold(stripe& held) noexcept : held_(held) {
        for (unsigned spins = 0; held_.busy.exchange(true, std::memory_order_acquire); ++spins)
            if (spins > 64) wait(spins); // its holder was preempted
    }
    hold(hold const&) = delete;
    hold& operator=(hold const&) = delete;
    ~hold() { held_.busy.store(false, std::memory_order_release); }

private:
    static void wait(unsigned spins) noexcept {
        timespec const moment{0, 50'000};
        if (spins > 1024)
            ::nanosleep(&moment, nullptr); // a real-time thread yields to no other
        else
            ::sched_yield();
    }

    stripe& held_;
};

striped_token::stripe& striped_token::own() noexcept {
    return stripes_[my_number() % stripes_.size()];
}

striped_token::sight striped_token::look() noexcept {
    auto const lately = lately_on_both_clocks();
    auto const steady = ns(lately.steady);
    auto const system = ns(lately.system);
    sight seen;
    auto& mine = own();
    hold const now(mine);
    if (!mine.held || steady >= mine.until_steady || system >= mine.until_system) return seen;
    seen.token = mine.held;
    seen.due = steady >= mine.due_steady || system >= mine.due_system;
    mine.used = true;
    ++mine.hits;
    return seen;
}

void striped_token::set(token_ptr const& fresh, time_stamp served_until, time_stamp due, bool used) noexcept {
    for (auto& one : stripes_) {
        auto copy = fresh;
        try {
            // A copy with a reference count of its own.
            if (fresh) copy = token_ptr(fresh.get(), [fresh](token const*) {}, apart_allocator<char>());
        } catch (std::bad_alloc const&) {
            copy = fresh;
        }
        hold const now(one);
        one.held.swap(copy);
        one.until_steady = ns(served_until.steady);
        one.until_system = ns(served_until.system);
        one.due_steady = ns(due.steady);
        one.due_system = ns(due.system);
        one.used = used;
    }
}

void striped_token::set_due(time_stamp due) noexcept {
    for (auto& one : stripes_) {
        hold const now(one);
        one.due_steady = ns(due.steady);
        one.due_system = ns(due.system);
    }
}

bool striped_token::was_used() noexcept {
    for (auto& one : stripes_) {
        hold const now(one);
        if (one.used) return true;
    }
    return false;
}

std::uint64_t striped_token::hits() noexcept {
    std::uint64_t sum = 0;
    for (auto& one : stripes_) {
        hold const now(one);
        sum += one.hits;
    }
    return sum;
}

} // namespace equinix::sts::client_detail
