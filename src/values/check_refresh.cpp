#include "values/check_refresh.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"

namespace equinix::sts::values {

void check_refresh(refresh_options const& options) {
    using std::chrono::nanoseconds;
    constexpr std::size_t longest_name = 255;
    if (options.name.size() > longest_name ||
        !base::all_of(options.name, [](char c) { return c == ' ' || base::is_visible(c); }))
        base::refuse("refresh_options::name", " must be at most 255 printable ASCII characters");
    if (options.max_margin < nanoseconds::zero())
        base::refuse("refresh_options::max_margin", " must not be negative");
    if (options.refresh_ahead < nanoseconds::zero())
        base::refuse("refresh_options::refresh_ahead", " must not be negative");
    if (options.max_lifetime <= nanoseconds::zero())
        base::refuse("refresh_options::max_lifetime", " must be positive");
    if (options.assumed_lifetime && *options.assumed_lifetime <= nanoseconds::zero())
        base::refuse("refresh_options::assumed_lifetime", " must be positive");
    if (options.shutdown_timeout < nanoseconds::zero())
        base::refuse("refresh_options::shutdown_timeout", " must not be negative");
}

} // namespace equinix::sts::values
