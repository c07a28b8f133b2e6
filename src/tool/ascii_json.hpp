// Prints what a service wrote.
#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace equinix::sts::tool {

/// The object in ASCII with the same meaning: other characters may control a terminal, as C1 controls do.
std::string ascii_json(boost::json::object const& line);

} // namespace equinix::sts::tool
