// A shared pointer with a reference count of its own.
//
// Where threads share a token, its reference count is what they wait for: each copy and each release of a
// pointer writes it.
#pragma once

#include "client/stripes.hpp"
#include "client/token_view.hpp"

#include <array>
#include <cstdint>

namespace equinix::sts::client_detail {

/// Points to the same token, which lives as long as the copy. The count shares no cache line with anything
/// else. Returns the pointer itself when memory runs out.
token_ptr counted_copy(token_ptr const& of) noexcept;

/// The copies of a token that several threads take: one for each stripe. To be used with that stripe's lock
/// held.
class counted_copies {
public:
    /// The copy of this stripe.
    token_ptr const& take(token_ptr const& original, std::size_t stripe) noexcept {
        auto& mine = of_[stripe];
        if (!mine.copy) mine.copy = counted_copy(original);
        ++mine.taken;
        return mine.copy;
    }

    /// How often a copy was taken. Requires all the stripes.
    std::uint64_t taken() const noexcept {
        std::uint64_t sum = 0;
        for (auto const& one : of_)
            sum += one.taken;
        return sum;
    }

private:
    struct alignas(apart) one {
        token_ptr copy;
        std::uint64_t taken = 0;
    };

    std::array<one, stripe_count> of_;
};

} // namespace equinix::sts::client_detail
