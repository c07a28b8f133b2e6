// Signatures of requests to AWS (Signature Version 4).
#pragma once

#include "core/fetch_request.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::suppliers_detail {

/// Access keys. Temporary ones have a session token and an end.
struct aws_credentials {
    std::string access_key_id;
    secret secret_access_key;
    secret session_token;
    std::optional<std::chrono::system_clock::time_point> expires{};
    bool fetched = false; ///< others may be fetched when these are refused
};

/// A `POST` of a form to `/` of a host.
struct aws_request {
    std::string_view host; ///< with the port, as in the `Host` header
    std::string_view region;
    std::string_view service;
    std::string_view content_type;
    std::string_view body;
};

/// The header fields that sign the request, besides `Host` and `Content-Type`, which they cover. Throws
/// `error` of kind `config` when OpenSSL cannot, and `std::bad_alloc`.
std::vector<core::secret_header> aws_signature(aws_credentials const& by, aws_request const& what,
                                               std::chrono::sys_seconds now);

} // namespace equinix::sts::suppliers_detail
