// What the doctor prints.
#pragma once

#include "tool/doctor/finding.hpp"

#include <boost/json/array.hpp>

namespace equinix::sts::tool::doctor {

/// Prints each finding immediately in words, or all at the end as one JSON object.
class report {
public:
    explicit report(bool as_json) : as_json_(as_json) {}

    void tell(finding const& found);

    /// Returns the exit code.
    int conclude();

private:
    bool const as_json_;
    int bad_ = 0, notes_ = 0;
    boost::json::array found_;
};

} // namespace equinix::sts::tool::doctor
