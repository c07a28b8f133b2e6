// When each of a host's addresses is tried (RFC 8305 sections 4 and 5), without sockets or timers.
#pragma once

#include <boost/assert.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace equinix::sts::core {

/// The order in which to try addresses: alternating families, beginning with that of the first address, each
/// family in the given order. `is_v6[i]` is true if address i is IPv6.
std::vector<std::size_t> interleave_families(std::vector<bool> const& is_v6);

/// A race of connects. The next one starts when the previous one has failed, or has not completed within the
/// stagger. The caller starts what it is told to start, keeps the timer, and ends the race with the first
/// success.
class connect_race {
public:
    struct move {
        std::optional<std::size_t> start; ///< try this address now
        bool wait = false;                ///< restart the timer; stop it if false
        bool lost = false;                ///< every address has failed
    };

    explicit connect_race(std::size_t addresses) noexcept : addresses_(addresses) {}

    move begin() noexcept { return start_next(); }

    /// A connect has failed.
    move failed() noexcept {
        BOOST_ASSERT(running_ != 0);
        --running_;
        return start_next();
    }

    /// The timer has fired.
    move waited() noexcept { return start_next(); }

private:
    move start_next() noexcept {
        move made;
        if (next_ < addresses_) {
            made.start = next_++;
            ++running_;
        }
        made.wait = next_ < addresses_;
        made.lost = running_ == 0;
        return made;
    }

    std::size_t addresses_;
    std::size_t next_ = 0;
    std::size_t running_ = 0;
};

} // namespace equinix::sts::core
