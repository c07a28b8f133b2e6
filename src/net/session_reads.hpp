// How the HTTP sessions read from their stream.
#pragma once

#include "base/wiped.hpp"
#include "net/session_step.hpp"
#include "net/stream.hpp"

#include <array>
#include <cstddef>

namespace equinix::sts::net {

inline constexpr unsigned most_interim_answers = 16;
inline constexpr unsigned most_records_at_once = 16;
inline constexpr std::size_t record_size = std::size_t(16) * 1024; // the maximum of one TLS record

/// A buffer to read into that leaves nothing on the stack.
struct read_block {
    std::array<char, record_size> bytes; // NOLINT: filled by the read
    std::size_t used = record_size;      // until the read has returned

    ~read_block() { base::wipe(bytes.data(), used); }
};

/// Reads the next record of a turn, in which `before` were read. A peer that sends without end must not keep
/// the driver from everything else; what was received already must be read nevertheless: the socket will not
/// become readable for it again.
inline io_result read_record(stream& from, unsigned before, read_block& block) {
    auto const got = before < most_records_at_once ? from.read(block.bytes) : from.read_received(block.bytes);
    block.used = got.bytes;
    return got;
}

inline session_step waiting(io_step step) noexcept {
    return step == io_step::want_write ? session_step::want_write : session_step::want_read;
}

inline bool would_wait(io_step step) noexcept {
    return step == io_step::want_read || step == io_step::want_write;
}

} // namespace equinix::sts::net
