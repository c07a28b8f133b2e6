// What the command prints of what a service wrote.
#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace equinix::sts::tool {

/// The object in ASCII, which means the same: another character may drive a terminal, as C1 controls do.
std::string ascii_json(boost::json::object const& line);

} // namespace equinix::sts::tool
