// Which platform a program runs on.
#pragma once

#include <equinix/sts/suppliers.hpp>

#include <string>

namespace equinix::sts::suppliers_detail {

struct ambient_choice {
    suppliers::supplier_ptr supplier;
    std::string why; ///< as in "GITHUB_ACTIONS is set"
};

/// The first platform that the environment shows. Files are looked for below `root`. Throws `error` of kind
/// `config` that lists what was looked for.
ambient_choice choose_ambient(std::string const& audience, std::string const& root = std::string());

} // namespace equinix::sts::suppliers_detail
