// The output of `--verbose`: what happens, and when.
#pragma once

#include <equinix/sts/observer.hpp>

#include <chrono>

namespace equinix::sts::tool {

/// An observer that writes a line to stderr for each event, with the time since the narrator was created.
class narrator {
public:
    narrator();
    void operator()(event const& what) const;

private:
    std::chrono::steady_clock::time_point start_;
    bool coloured_;
};

} // namespace equinix::sts::tool
