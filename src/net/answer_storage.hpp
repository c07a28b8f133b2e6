// The parts of an answer that outlive its parser.
#pragma once

#include "base/wiped.hpp"
#include "core/answer.hpp"
#include "core/usual_head.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace equinix::sts::net {

/// Its memory is reused for the next answer.
struct answer_storage {
    unsigned status = 0;
    std::string content_type;
    std::string content_encoding;
    std::string retry_after;
    std::string proxy_authenticate; ///< of a 407, one challenge field per line
    std::string dpop_nonce;         ///< see `core::answer`
    std::string www_authenticate;   ///< likewise
    std::string date;               ///< likewise
    base::wiped_buffer body;

    core::answer view() const noexcept {
        return {status,           content_type, content_encoding, retry_after,
                base::view(body), dpop_nonce,   www_authenticate, date};
    }

    /// Takes one of possibly several fields.
    void add_nonce(std::string_view value);
    void add_challenge(std::string_view value);
    void take_date(std::string_view value);

    /// Overwrites the body.
    void clear() noexcept;

    /// Takes over what a head says, and makes room for the body.
    void begin(core::usual_head const& head);

    /// Makes room for a body of this length, which is only a claim.
    void expect_body(std::size_t length);
};

} // namespace equinix::sts::net
