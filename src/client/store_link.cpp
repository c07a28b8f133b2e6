#include "client/store_link.hpp"

#include <utility>
#include <vector>

namespace equinix::sts::client_detail {
namespace {

std::vector<secret> keys_of(store_options const& sharing) {
    return sharing.keys.empty() ? sharing.store->keys() : sharing.keys;
}

} // namespace

store_link::store_link(refresh_options const& how, std::string endpoint, bool thread_safe)
    : options(how), url(std::move(endpoint)), keys(keys_of(how.sharing)),
      cool_down_name(
          keys.names_of(base::view(core::cool_down_name_text(url, how.sharing.name_space))).front()),
      mutex_(thread_safe) {}

bool store_link::allows() noexcept {
    base::mutex_lock const held(mutex_);
    return breaker_.allows(base::clock::now());
}

bool store_link::worked(command what) noexcept {
    base::mutex_lock const held(mutex_);
    return breaker_.worked(what);
}

bool store_link::failed(command what) noexcept {
    base::mutex_lock const held(mutex_);
    return breaker_.failed(what, base::clock::now(), random_.next());
}

std::uint32_t store_link::random() noexcept {
    base::mutex_lock const held(mutex_);
    return random_.next();
}

} // namespace equinix::sts::client_detail
