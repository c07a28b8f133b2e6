#include "fleet/shrink.hpp"

#include <functional>

namespace fleet {

std::optional<broken> breaks(scenario const& how, std::uint64_t seed, std::optional<defect> planted) try {
    simulation(how, seed, planted).run();
    return std::nullopt;
} catch (broken const& why) {
    return why;
}

smaller shrink(scenario const& how, std::uint64_t seed, std::optional<defect> planted, broken const& first) {
    smaller least{how, first};
    auto const attempt = [&](auto const& change) {
        auto one = least.how;
        if (!change(one)) return false;
        auto const why = breaks(one, seed, planted);
        if (!why || why->which != first.which) return false;
        least = {one, *why};
        return true;
    };
    auto const erase_one = [](std::vector<trouble> scenario::* of, std::size_t at) {
        return [of, at](scenario& one) {
            if (at >= (one.*of).size()) return false;
            (one.*of).erase((one.*of).begin() + static_cast<std::ptrdiff_t>(at));
            return true;
        };
    };
    bool goes_on = true;
    while (goes_on) {
        goes_on = attempt([](scenario& one) { return one.processes > 1 && ((one.processes /= 2), true); });
        goes_on = attempt([](scenario& one) { return one.run_for > 1min && ((one.run_for /= 2), true); }) ||
                  goes_on;
        goes_on = attempt([](scenario& one) {
                      bool const had = one.deploy_within > 0ns;
                      one.deploy_within = 0ns;
                      return had;
                  }) ||
                  goes_on;
        for (auto const of : {&scenario::service, &scenario::store})
            for (std::size_t i = 0; i < (least.how.*of).size(); ++i)
                goes_on = attempt(erase_one(of, i)) || goes_on;
    }
    return least;
}

} // namespace fleet
