// What the flights of a token desk share of its store: the keys, and whether the store is asked at all.
#pragma once

#include "base/lock.hpp"
#include "base/saturating.hpp"
#include "client/jitter.hpp"
#include "core/store_breaker.hpp"
#include "core/store_record.hpp"

#include <equinix/sts/refresh.hpp>

#include <cstdint>
#include <string>

namespace equinix::sts::client_detail {

class store_link {
public:
    using command = core::store_breaker::command;

    /// Throws `error` of kind `config` when the keys cannot be used.
    store_link(refresh_options const& how, std::string endpoint, bool thread_safe);

    /// Whether the store may be asked now.
    bool allows() noexcept STS_EXCLUDES(mutex_);
    /// Returns whether that ends a row of failures.
    bool worked(command what) noexcept STS_EXCLUDES(mutex_);
    /// Returns whether the store is given up for a while.
    bool failed(command what) noexcept STS_EXCLUDES(mutex_);
    std::uint32_t random() noexcept STS_EXCLUDES(mutex_);

    token_store& store() const noexcept { return *options.sharing.store; }

    refresh_options const options;
    std::string const url; ///< of the token endpoint
    core::store_keys const keys;
    std::string const cool_down_name;

private:
    base::mutex mutex_;
    core::store_breaker breaker_ STS_GUARDED_BY(mutex_);
    jitter random_ STS_GUARDED_BY(mutex_);
};

} // namespace equinix::sts::client_detail
