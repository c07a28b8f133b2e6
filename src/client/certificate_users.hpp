// Who holds what was got over a client's certificate.
#pragma once

#include "base/lock.hpp"

#include <memory>
#include <vector>

namespace equinix::sts::client_detail {

class certificate_user {
public:
    /// The client shows another certificate from now on: what is bound to the old one is of no use any
    /// longer.
    virtual void certificate_changed() noexcept = 0;

protected:
    ~certificate_user() = default;
};

/// The sources and caches of a client. Thread-safe if constructed so.
class certificate_users {
public:
    explicit certificate_users(bool thread_safe) : mutex_(thread_safe) {}

    void add(std::weak_ptr<certificate_user> one) {
        base::mutex_lock const lock(mutex_);
        std::erase_if(all_, [](auto const& other) { return other.expired(); });
        all_.push_back(std::move(one));
    }

    std::vector<std::weak_ptr<certificate_user>> all() const {
        base::mutex_lock const lock(mutex_);
        return all_;
    }

private:
    mutable base::mutex mutex_;
    std::vector<std::weak_ptr<certificate_user>> all_ STS_GUARDED_BY(mutex_);
};

} // namespace equinix::sts::client_detail
