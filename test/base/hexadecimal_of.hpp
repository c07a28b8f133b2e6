// Bytes in a form that the RFCs print.
#pragma once

#include "base/hexadecimal.hpp"

#include <string>
#include <string_view>

namespace test {

inline std::string hexadecimal(std::string_view bytes) {
    std::string out;
    equinix::sts::base::append_hexadecimal(out, bytes);
    return out;
}

} // namespace test
