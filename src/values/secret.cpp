#include "base/wiped.hpp"

#include <equinix/sts/secret.hpp>

#include <algorithm>

namespace equinix::sts {

secret::secret(std::string_view text) : secret(joined(text, {})) {}

secret secret::joined(std::string_view first, std::string_view second) {
    secret made;
    made.size_ = first.size() + second.size();
    if (made.size_ == 0) return made;
    auto copy = std::allocate_shared_for_overwrite<char[]>(base::wiping_allocator<char>(), made.size_);
    auto* const behind = std::copy(first.begin(), first.end(), copy.get());
    std::copy(second.begin(), second.end(), behind);
    made.text_ = std::move(copy);
    return made;
}

secret::secret(std::string&& text) : secret(std::string_view(text)) {
    text.resize(text.capacity()); // includes what an earlier, longer value left behind
    base::wipe(text.data(), text.size());
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
