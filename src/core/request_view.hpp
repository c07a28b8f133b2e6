// A request of ours, as HTTP/1.1 sends it, taken apart: HTTP/2 sends the same parts in frames.
#pragma once

#include <optional>
#include <string_view>

namespace equinix::sts::core {

/// Views into the request.
struct request_view {
    std::string_view method, target;
    std::string_view fields; ///< whole lines
    std::string_view body;
};

/// `request` must be one that this library has written.
request_view view_request(std::string_view request) noexcept;

struct field_view {
    std::string_view name, value;
};

/// Takes the first line off `fields`; nothing if there is none.
std::optional<field_view> take_field(std::string_view& fields) noexcept;

/// Whether this field names the host, which is `:authority` in HTTP/2 (RFC 9113 section 8.3.1).
bool is_host(std::string_view name) noexcept;

/// Whether HTTP/2 has no such field: it says the same in another way (RFC 9113 section 8.2.2).
bool is_of_http1_alone(std::string_view name) noexcept;

/// Whether a field's value may get into a table of either peer: it is no secret, and the same in each request
/// (RFC 7541 section 7.1.3).
bool may_be_indexed(std::string_view name) noexcept;

} // namespace equinix::sts::core
