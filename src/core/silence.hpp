// Whether a connection that several exchanges share is still heard of while they wait.
//
// A connection that has died without a word looks like one whose server takes its time. HTTP/2 can tell: a
// server answers a PING at once, whatever its requests wait for (RFC 9113 section 6.7).
#pragma once

#include "base/saturating.hpp"

#include <algorithm>
#include <chrono>

namespace equinix::sts::core {

class silence {
public:
    enum class action : unsigned char {
        none,
        ask, ///< send a PING
        dead ///< the PING was not answered: the connection brings nothing any longer
    };

    /// Two of these spans are half of what an attempt may take, so that the other half is left for another
    /// connection.
    explicit silence(std::chrono::nanoseconds attempt_timeout) noexcept
        : bound_(std::clamp<std::chrono::nanoseconds>(attempt_timeout / 4, std::chrono::seconds(1),
                                                      std::chrono::seconds(10))) {}

    /// Something was received, or the first of those that wait was sent.
    void heard(base::clock::time_point now) noexcept {
        since_ = now;
        asked_ = false;
    }

    /// To be called after a look at what was received, while exchanges wait.
    action pass(base::clock::time_point now) noexcept {
        if (now < due()) return action::none;
        if (asked_) return action::dead;
        asked_ = true;
        since_ = now;
        return action::ask;
    }

    /// When `pass` has something to do next.
    base::clock::time_point due() const noexcept { return base::after(since_, bound_); }

private:
    std::chrono::nanoseconds const bound_;
    base::clock::time_point since_{};
    bool asked_ = false;
};

} // namespace equinix::sts::core
