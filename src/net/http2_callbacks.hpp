// What nghttp2 calls for an `http2_session`.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace equinix::sts::net {

using http2_callback_table = std::unique_ptr<nghttp2_session_callbacks, void (*)(nghttp2_session_callbacks*)>;

/// The callbacks of every session, whose context is the `http2_session`. Throws `std::bad_alloc`.
http2_callback_table make_callbacks();

/// Reports how much of a request's body fits in a frame. It is copied from where it lies.
ssize_t read_body(nghttp2_session* native, std::int32_t id, std::uint8_t*, std::size_t room,
                  std::uint32_t* flags, nghttp2_data_source*, void*) noexcept;

inline std::string_view text(std::uint8_t const* data, std::size_t size) noexcept {
    return {reinterpret_cast<char const*>(data), size}; // NOLINT: nghttp2's type
}

inline std::uint8_t* bytes(std::string_view text) noexcept {                // nghttp2 does not write to them
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())); // NOLINT: nghttp2's type
}

} // namespace equinix::sts::net
