// The part of a complete HTTP answer that an OAuth client needs.
#pragma once

#include <string_view>

namespace equinix::sts::core {

/// Views into the memory of the receiver; owns nothing.
struct answer {
    unsigned status = 0;
    std::string_view content_type;
    std::string_view content_encoding;
    std::string_view retry_after;
    std::string_view body;
    std::string_view dpop_nonce{};       ///< if there are several, one per line
    std::string_view www_authenticate{}; ///< of a 400 or 401, one challenge field per line
    std::string_view date{};             ///< of a 400 or 401
};

} // namespace equinix::sts::core
