// How many streams a client may reset on one HTTP/2 connection. Servers end a connection on which too many
// are, since CVE-2023-44487: nghttp2, and what is built on it, after 1,000, of which 33 a second are
// forgiven.
#pragma once

#include "base/saturating.hpp"

#include <algorithm>
#include <chrono>

namespace equinix::sts::core {

class reset_budget {
public:
    /// Whether one more may be reset now; it counts then.
    bool take(base::clock::time_point now) noexcept {
        if (left_ < most && now > filled_) {
            auto const more = (now - filled_) / each;
            left_ = more >= most - left_ ? most : left_ + static_cast<unsigned>(more);
            filled_ = left_ == most ? now : filled_ + more * each;
        }
        if (left_ == 0) return false;
        if (left_ == most) filled_ = now;
        --left_;
        return true;
    }

private:
    static constexpr unsigned most = 100;
    static constexpr std::chrono::milliseconds each{33}; // below what servers forgive

    unsigned left_ = most;
    base::clock::time_point filled_{}; // as of when `left_` is right
};

} // namespace equinix::sts::core
