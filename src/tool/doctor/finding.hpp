// A finding of the doctor.
#pragma once

#include <string>
#include <vector>

namespace equinix::sts::tool::doctor {

enum class verdict {
    good, ///< a fact, with nothing wrong about it
    note, ///< may be wrong: the operator of the service decides
    bad   ///< cannot work
};

struct finding {
    verdict is = verdict::good;
    std::string topic;  ///< such as `subject token`
    std::string what;   ///< one or more lines
    std::string advice; ///< what to do; empty if there is nothing
};

using findings = std::vector<finding>;

} // namespace equinix::sts::tool::doctor
