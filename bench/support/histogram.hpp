// How often each duration was seen: fixed memory, and an error of at most 1/128 at any size.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace equinix::sts::bench {

class histogram {
public:
    /// Negative is counted as 0, what is above 2^40 ns (18 minutes) as that.
    void add(std::int64_t nanoseconds) noexcept {
        auto const value = static_cast<std::uint64_t>(std::clamp<std::int64_t>(nanoseconds, 0, most));
        ++counts_[index_of(value)];
        ++total_;
        most_seen_ = std::max(most_seen_, value);
    }

    void add(histogram const& other) noexcept {
        for (std::size_t i = 0; i < counts_.size(); ++i)
            counts_[i] += other.counts_[i];
        total_ += other.total_;
        most_seen_ = std::max(most_seen_, other.most_seen_);
    }

    /// The duration in nanoseconds that this share (0 to 1) of all did not exceed; 0 when there is none.
    double at(double share) const noexcept {
        auto const rank = static_cast<std::uint64_t>(share * static_cast<double>(total_) + 0.5);
        std::uint64_t passed = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            passed += counts_[i];
            if (counts_[i] != 0 && passed >= rank)
                return static_cast<double>(std::min(most_in(i), most_seen_));
        }
        return 0;
    }

    double max() const noexcept { return static_cast<double>(most_seen_); }
    std::uint64_t count() const noexcept { return total_; }

private:
    // A bucket for each value below 256; above, 128 for each power of two.
    static constexpr unsigned exact_bits = 8;
    static constexpr unsigned top_bit = 40;
    static constexpr std::int64_t most = std::int64_t(1) << top_bit;
    static constexpr std::size_t half = std::size_t(1) << (exact_bits - 1);

    static std::size_t index_of(std::uint64_t value) noexcept {
        auto const width = static_cast<unsigned>(std::bit_width(value));
        if (width <= exact_bits) return static_cast<std::size_t>(value);
        auto const shift = width - exact_bits;
        return shift * half + static_cast<std::size_t>(value >> shift);
    }
    static std::uint64_t most_in(std::size_t index) noexcept {
        if (index < 2 * half) return index;
        auto const shift = index / half - 1;
        return ((static_cast<std::uint64_t>(index - shift * half) + 1) << shift) - 1;
    }

    std::array<std::uint64_t, (top_bit - exact_bits + 3) * half> counts_{};
    std::uint64_t total_ = 0;
    std::uint64_t most_seen_ = 0;
};

} // namespace equinix::sts::bench
