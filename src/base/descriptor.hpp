// A file descriptor with an owner.
#pragma once

#include <unistd.h>

#include <utility>

namespace equinix::sts::base {

/// Closes the descriptor on destruction, unless it was released before.
class descriptor {
public:
    explicit descriptor(int value = -1) noexcept : value_(value) {}
    descriptor(descriptor&& other) noexcept : value_(other.release()) {}
    descriptor& operator=(descriptor&&) = delete;
    ~descriptor() { close(); }

    bool is_open() const noexcept { return value_ >= 0; }
    int get() const noexcept { return value_; }
    int release() noexcept { return std::exchange(value_, -1); }
    void close() noexcept {
        if (is_open()) ::close(release());
    }

private:
    int value_;
};

} // namespace equinix::sts::base
