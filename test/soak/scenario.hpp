// What a run of the soak program consists of, and what it says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace soak {

/// How much of everything is done.
struct extent {
    bool whole = false;          ///< the figures of faults.md; else what fits into a minute or two
    std::uint64_t exchanges = 0; ///< of S1, where not 0

    template <class T>
    T of(T in_short, T in_whole) const {
        return whole ? in_whole : in_short;
    }
};

/// One line of the report.
struct finding {
    std::string figure; ///< as in "S1"
    std::string demand;
    std::string seen;
    bool met = false;
};

using report = std::vector<finding>;

/// Each runs in a process of its own, so that memory, descriptors and threads are its own.
struct scenario {
    std::string_view name;
    std::string_view figures;
    report (*run)(extent const&);
};

report steady(extent const& how_much);
report churn(extent const& how_much);
report killed_server(extent const& how_much);
report cancel_storm(extent const& how_much);
report cold_source(extent const& how_much);
report refresh(extent const& how_much);
report outage(extent const& how_much);
report slow_server(extent const& how_much);
report cold_start(extent const& how_much);
report idle(extent const& how_much);
report bad_network(extent const& how_much);

/// Shows how far it is, on one line of a terminal, or now and then where stderr is none.
void tell(std::string const& how_far);

} // namespace soak
