#include "core/address_book.hpp"

#include <algorithm>
#include <utility>

namespace equinix::sts::core {

using base::clock;

std::vector<std::size_t> address_book::arrange(std::span<address_bytes const> addresses,
                                               clock::time_point now) {
    std::vector<entry> known;
    known.reserve(addresses.size() + entries_.size());
    for (auto const& address : addresses) {
        auto const* const before = find(address);
        known.push_back(before != nullptr ? *before : entry{});
        known.back().address = address;
        known.back().listed = true;
    }
    for (auto const& one : entries_) {
        if (known.size() >= most_entries) break;
        if (std::find(addresses.begin(), addresses.end(), one.address) != addresses.end()) continue;
        known.push_back(one);
        known.back().listed = false;
    }
    entries_.swap(known);
    std::vector<std::size_t> order, avoided;
    for (std::size_t index = 0; index < addresses.size(); ++index)
        (entries_[index].is_avoided(now) ? avoided : order).push_back(index);
    std::sort(avoided.begin(), avoided.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(*entries_[a].failed_at, a) < std::pair(*entries_[b].failed_at, b);
    });
    order.insert(order.end(), avoided.begin(), avoided.end());
    return order;
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

bool address_book::has_other(address_bytes const& than, clock::time_point now) const noexcept {
    return find(than) != nullptr && std::any_of(entries_.begin(), entries_.end(), [&](entry const& one) {
               return one.listed && one.address != than && !one.is_avoided(now);
           });
}

std::size_t address_book::listed() const noexcept {
    return static_cast<std::size_t>(
        std::count_if(entries_.begin(), entries_.end(), [](entry const& one) { return one.listed; }));
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
