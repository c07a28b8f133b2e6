#include "core/connect_race.hpp"

namespace equinix::sts::core {

std::vector<std::size_t> interleave_families(std::vector<bool> const& is_v6) {
    std::vector<std::size_t> order, other;
    for (std::size_t i = 0; i < is_v6.size(); ++i)
        (is_v6[i] == is_v6.front() ? order : other).push_back(i);
    std::vector<std::size_t> mixed;
    mixed.reserve(is_v6.size());
    for (std::size_t i = 0; i < order.size() || i < other.size(); ++i) {
        if (i < order.size()) mixed.push_back(order[i]);
        if (i < other.size()) mixed.push_back(other[i]);
    }
    return mixed;
}

} // namespace equinix::sts::core
