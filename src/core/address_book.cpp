#include "core/address_book.hpp"

#include <algorithm>
#include <utility>

namespace equinix::sts::core {

using base::clock;

address_book::order address_book::arrange(std::span<address_bytes const> addresses, clock::time_point now) {
    std::vector<entry> known;
    known.reserve(addresses.size());
    for (auto const& address : addresses) {
        auto const* const before = find(address);
        known.push_back(before != nullptr ? *before : entry{address});
    }
    entries_.swap(known);
    order made;
    std::vector<std::size_t> avoided;
    for (std::size_t index = 0; index < entries_.size(); ++index)
        (entries_[index].is_avoided(now) ? avoided : made.indexes).push_back(index);
    made.preferred = made.indexes.size();
    std::sort(avoided.begin(), avoided.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(*entries_[a].failed_at, a) < std::pair(*entries_[b].failed_at, b);
    });
    made.indexes.insert(made.indexes.end(), avoided.begin(), avoided.end());
    return made;
}

bool address_book::failed(address_bytes const& address, clock::time_point now) noexcept {
    auto* const found = find(address);
    if (found == nullptr) return false;
    bool const was_avoided = found->is_avoided(now);
    found->failed_at = now;
    ++found->failures;
    return !was_avoided;
}

void address_book::connected(address_bytes const& address) noexcept {
    if (auto* const found = find(address)) ++found->connections;
}

void address_book::worked(address_bytes const& address) noexcept {
    if (auto* const found = find(address)) found->failed_at.reset();
}

bool address_book::is_avoided(address_bytes const& address, clock::time_point now) const noexcept {
    auto const* const found = find(address);
    return found != nullptr && found->is_avoided(now);
}

bool address_book::has_other(address_bytes const& than, clock::time_point now) const noexcept {
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](entry const& one) { return one.address != than && !one.is_avoided(now); });
}

address_book::entry const* address_book::find(address_bytes const& address) const noexcept {
    auto const found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](entry const& one) { return one.address == address; });
    return found != entries_.end() ? &*found : nullptr;
}

address_book::entry* address_book::find(address_bytes const& address) noexcept {
    return const_cast<entry*>(std::as_const(*this).find(address)); // NOLINT: *this is not const
}

} // namespace equinix::sts::core
