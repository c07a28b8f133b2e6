// A URL or a target in the form that may be shown and compared: a query may hold a secret.
#pragma once

#include <string>
#include <utility>

namespace equinix::sts::base {

inline std::string without_query(std::string url) {
    auto const query = url.find('?');
    if (query != std::string::npos) url.erase(query);
    return url;
}

} // namespace equinix::sts::base
