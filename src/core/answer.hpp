// A whole HTTP answer as far as an OAuth client cares.
#pragma once

#include <string_view>

namespace equinix::sts::core {

/// Views into whoever received it; nothing here owns.
struct answer {
    unsigned status = 0;
    std::string_view content_type;
    std::string_view content_encoding;
    std::string_view retry_after;
    std::string_view body;
};

} // namespace equinix::sts::core
