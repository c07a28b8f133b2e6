// A service whose client has an observer that keeps the events.
#pragma once

#include "support/service.hpp"

#include <algorithm>
#include <vector>

namespace test {

struct observed_service : service {
    using types = std::vector<sts::event_type>;

    sts::client_options observed() {
        auto made = hasty();
        made.observer = [this](sts::event const& what) { seen.push_back(what); };
        return made;
    }

    /// What was told so far, forgotten here.
    types told() {
        types out;
        for (auto const& one : std::exchange(seen, {}))
            out.push_back(one.type);
        return out;
    }

    sts::event only(sts::event_type type) const {
        auto const is = [&](sts::event const& one) { return one.type == type; };
        BOOST_REQUIRE(std::count_if(seen.begin(), seen.end(), is) == 1);
        return *std::find_if(seen.begin(), seen.end(), is);
    }

    std::vector<sts::event> seen;
};

} // namespace test
