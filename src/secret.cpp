#include "core/wiped.hpp"

#include <equinix/sts/secret.hpp>

#include <algorithm>

namespace equinix::sts {

secret::secret(std::string_view text) : size_(text.size()) {
    if (text.empty()) return;
    auto copy = std::allocate_shared<char[]>(core::wiping_allocator<char>(), text.size());
    std::copy(text.begin(), text.end(), copy.get());
    text_ = std::move(copy);
}

secret::secret(std::string&& text) : secret(std::string_view(text)) {
    text.resize(text.capacity()); // what an earlier, longer value left behind goes as well
    core::wipe(text.data(), text.size());
    text.clear();
}

secret secret::without_prefix(std::size_t count) const noexcept {
    secret rest;
    if (count >= size_) return rest;
    rest.text_ = std::shared_ptr<char const[]>(text_, text_.get() + count);
    rest.size_ = size_ - count;
    return rest;
}

} // namespace equinix::sts
