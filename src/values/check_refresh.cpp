#include "values/check_refresh.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"

namespace equinix::sts::values {

namespace {

void check_sharing(store_options const& sharing) {
    using std::chrono::nanoseconds;
    if (!sharing.store) return;
    constexpr std::size_t longest_text = 1024;
    for (auto const* const text : {&sharing.name_space, &sharing.identity})
        if (text->size() > longest_text)
            base::refuse(text == &sharing.identity ? "store_options::identity" : "store_options::name_space",
                         " must be at most 1024 bytes");
    constexpr nanoseconds longest_bound = std::chrono::minutes(1);
    if (sharing.bounds.command <= nanoseconds::zero() || sharing.bounds.command > longest_bound)
        base::refuse("store_options::bounds.command", " must be positive and at most 1 min");
    if (sharing.bounds.connect <= nanoseconds::zero() || sharing.bounds.connect > longest_bound)
        base::refuse("store_options::bounds.connect", " must be positive and at most 1 min");
    if (sharing.lease_life < std::chrono::milliseconds(300) || sharing.lease_life > std::chrono::minutes(10))
        base::refuse("store_options::lease_life", " must be at least 300 ms and at most 10 min");
}

} // namespace

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
    check_sharing(options.sharing);
}

} // namespace equinix::sts::values
