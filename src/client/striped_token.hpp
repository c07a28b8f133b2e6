// The current token, where every thread can take it without waiting for another.
//
// The contended resource is the reference count of a shared pointer. So each of a few stripes has a counted
// copy of its own, behind a lock of a few instructions, and a thread keeps to its stripe.
#pragma once

#include <equinix/sts/token.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace equinix::sts::client_detail {

using token_ptr = std::shared_ptr<token const>;

class striped_token {
public:
    /// The distance between data that different threads write: two cache lines, because they are fetched in
    /// pairs.
    static constexpr std::size_t apart = 128;

    /// The result of a look.
    struct sight {
        token_ptr token;  ///< null when none is valid
        bool due = false; ///< to be refreshed
    };

    sight look() noexcept;

    /// Replaces the token; null removes it. `used`: a caller has it already.
    void set(token_ptr const& fresh, time_stamp served_until, time_stamp due, bool used) noexcept;

    /// Sets when the current token is due for refresh.
    void set_due(time_stamp due) noexcept;

    /// Whether the token was taken since it was set.
    bool was_used() noexcept;

    /// How often the token was taken.
    std::uint64_t hits() noexcept;

private:
    struct alignas(apart) stripe {
        std::atomic<bool> busy = false;
        bool used = false;
        token_ptr held;
        std::int64_t until_steady = 0, until_system = 0; // in ns of the respective clock
        std::int64_t due_steady = 0, due_system = 0;
        std::uint64_t hits = 0;
    };
    class hold;

    stripe& own() noexcept;

    std::array<stripe, 8> stripes_;
};

} // namespace equinix::sts::client_detail
