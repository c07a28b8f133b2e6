// A mutex that does nothing where one thread owns everything.
#pragma once

#include <mutex>

namespace equinix::sts::core {

class optional_mutex {
public:
    explicit optional_mutex(bool enabled) noexcept : enabled_(enabled) {}

    void lock() {
        if (enabled_) mutex_.lock();
    }
    void unlock() {
        if (enabled_) mutex_.unlock();
    }

private:
    std::mutex mutex_;
    bool const enabled_;
};

} // namespace equinix::sts::core
