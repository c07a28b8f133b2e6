// The protocol of Redis (RESP2): commands as bytes, bytes as replies. hiredis reads, this keeps what it read.
#pragma once

#include "base/wiped.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::redis_detail {

struct reply {
    enum class type : unsigned char { nil, integer, text, status, error, array };

    type is = type::nil;
    long long integer = 0;
    std::string text; ///< of `text`, `status` and `error`
    std::vector<reply> elements;

    bool is_error() const noexcept { return is == type::error; }

    /// The first word of an error, as in `MOVED`.
    std::string_view error_code() const noexcept;
};

/// Appends a command with its arguments as it is sent. Written here and not by hiredis: one of the arguments
/// may be a password, which hiredis would not wipe. Throws `std::bad_alloc`.
void append_command(base::wiped_buffer& out, std::vector<std::string_view> const& arguments);

/// Reads replies from a stream of bytes.
class reply_reader {
public:
    /// A reply of more bytes is refused.
    static constexpr std::size_t largest_reply = std::size_t(1024) * 1024;

    reply_reader();
    reply_reader(reply_reader const&) = delete;
    reply_reader& operator=(reply_reader const&) = delete;
    ~reply_reader();

    /// Adds received bytes. Returns false when they are not the protocol's, or too many for one reply: the
    /// connection is of no use any longer then.
    bool feed(std::string_view bytes);

    /// The next complete reply. Nothing when more bytes are needed; see `is_broken`.
    std::optional<reply> next();

    bool is_broken() const noexcept { return broken_; }

private:
    struct state;
    std::unique_ptr<state> state_;
    std::size_t waiting_ = 0; ///< bytes since the last complete reply
    bool broken_ = false;
};

} // namespace equinix::sts::redis_detail
