// What the doctor has found.
#pragma once

#include <string>
#include <vector>

namespace equinix::sts::tool::doctor {

enum class verdict {
    good, ///< a fact, and nothing wrong with it
    note, ///< may be wrong: who runs the service decides
    bad   ///< will not work
};

struct finding {
    verdict is = verdict::good;
    std::string topic;  ///< as in `subject token`
    std::string what;   ///< lines
    std::string advice; ///< what to do; empty where there is nothing
};

using findings = std::vector<finding>;

} // namespace equinix::sts::tool::doctor
