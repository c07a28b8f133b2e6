// What many threads read and few change: a lock in stripes. A reader holds the stripe of its thread, so that
// readers do not wait for one another; who changes something holds all of them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace equinix::sts::client_detail {

/// The distance between data that different threads write: two cache lines, because they are fetched in
/// pairs.
inline constexpr std::size_t apart = 128;

inline constexpr std::size_t stripe_count = 8;

/// The stripe of the calling thread: that of its CPU at this moment, where the system tells.
std::size_t own_stripe() noexcept;

/// A lock for a few instructions.
class spin_lock {
public:
    void lock() noexcept {
        for (unsigned spins = 0; busy_.exchange(true, std::memory_order_acquire); ++spins)
            if (spins > 64) wait(spins); // its holder was preempted
    }
    void unlock() noexcept { busy_.store(false, std::memory_order_release); }

private:
    static void wait(unsigned spins) noexcept;

    std::atomic<bool> busy_ = false;
};

class striped_lock {
    struct alignas(apart) stripe {
        spin_lock lock;
        std::uint64_t hits = 0;
    };
    using stripes = std::array<stripe, stripe_count>;

public:
    /// Holds the stripe of the calling thread while it lives.
    class reading {
    public:
        explicit reading(striped_lock& of) noexcept : number_(own_stripe()), mine_(of.stripes_[number_]) {
            mine_.lock.lock();
        }
        reading(reading const&) = delete;
        reading& operator=(reading const&) = delete;
        ~reading() { mine_.lock.unlock(); }

        void count_hit() noexcept { ++mine_.hits; }

        /// The number of the stripe.
        std::size_t number() const noexcept { return number_; }

    private:
        std::size_t const number_;
        stripe& mine_;
    };

    /// Holds all stripes while it lives.
    class changing {
    public:
        explicit changing(striped_lock& of) noexcept : all_(of.stripes_) {
            for (auto& one : all_)
                one.lock.lock();
        }
        changing(changing const&) = delete;
        changing& operator=(changing const&) = delete;
        ~changing() {
            for (auto& one : all_)
                one.lock.unlock();
        }

        /// What all readers have counted.
        std::uint64_t hits() const noexcept {
            std::uint64_t sum = 0;
            for (auto const& one : all_)
                sum += one.hits;
            return sum;
        }

    private:
        stripes& all_;
    };

private:
    stripes stripes_;
};

} // namespace equinix::sts::client_detail
