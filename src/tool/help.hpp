// What `--help` prints: each fits a screen of 80 columns.
#pragma once

#include <string_view>

namespace equinix::sts::tool {

extern std::string_view const exchange_help;
extern std::string_view const doctor_help;
extern std::string_view const serve_mock_help;

} // namespace equinix::sts::tool
