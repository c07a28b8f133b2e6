// The platforms that --subject-from knows.
#pragma once

#include <equinix/sts/suppliers.hpp>

#include <string>
#include <string_view>

namespace equinix::sts::tool {

/// Checks `NAME[:DETAIL]`, and whether the platform takes this audience. Throws `usage_error`.
void check_platform(std::string_view platform, std::string const& audience);

/// The supplier of a platform that was checked.
suppliers::supplier_ptr platform_supplier(std::string_view platform, std::string const& audience);

} // namespace equinix::sts::tool
