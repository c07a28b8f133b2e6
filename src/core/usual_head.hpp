// The head of the answer that a service usually gives, read in one pass: 200, a length, one line for each
// field. Anything else is left to the parser of all heads.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace equinix::sts::core {

struct usual_head {
    std::string_view content_type, content_encoding, retry_after,
        dpop_nonce; ///< empty if there is no such field
    std::size_t content_length = 0;
    std::size_t size = 0; ///< of the head, with the empty line
};

/// Nothing when the bytes do not begin with a whole head of this kind, of at most `max_head` bytes and for a
/// body of at most `max_body`. What is accepted here means the same to the parser of all heads: HTTP/1.1
/// (RFC 9112), a connection that is kept, no transfer coding.
std::optional<usual_head> read_usual_head(std::string_view bytes, std::size_t max_head,
                                          std::size_t max_body) noexcept;

} // namespace equinix::sts::core
