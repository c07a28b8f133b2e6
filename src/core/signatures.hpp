// What is signed anew for each sending of a request.
#pragma once

#include <string>

namespace equinix::sts::core {

struct signatures {
    std::string proof;     ///< DPoP (RFC 9449); empty if there is none
    std::string nonce;     ///< in the proof; may be empty
    std::string assertion; ///< the client's (RFC 7523); empty if there is none
};

} // namespace equinix::sts::core
