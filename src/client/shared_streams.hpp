// What a connection carries that several exchanges share: HTTP/2.
#pragma once

#include "base/wiped.hpp"
#include "client/operation.hpp"
#include "core/reset_budget.hpp"
#include "net/http2_session.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/options.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace equinix::sts::client_detail {

/// The stream of one operation. Used again for others.
struct shared_stream final : net::http2_exchange {
    operation* whose = nullptr;
    base::wiped_buffer request; ///< what waits for its turn or its window
    bool brings_error = false;  ///< the answer does: `failure`
    shared_stream* next = nullptr;
};

/// Used by the connection's driver alone, except for `cancel`.
class shared_streams {
public:
    /// Throws `std::bad_alloc`.
    shared_streams(std::unique_ptr<net::stream> over, limit_options const& limits)
        : session_(std::move(over), limits) {}

    /// What is to be done besides writing.
    struct work {
        operation* begun = nullptr; ///< a chain by `begun_after`: to be begun
        bool reads = false;         ///< something may have been received
        bool asks = false;          ///< whether the peer is there
    };

    /// Reads and writes as far as possible without waiting. Returns what the session waits for; `over` then
    /// has the streams that are over. Throws `std::bad_alloc` when the whole connection cannot go on.
    net::session_step advance(work what, shared_stream*& over);

    /// Gives up a stream, and with it the operation's place. No driver is in `advance`, or the caller is it.
    /// Not every stream is reset: see `core::reset_budget`.
    void cancel(operation& op, base::clock::time_point now) noexcept;

    /// Gives up the connection, for this reason unless it has failed already: all streams are over.
    void give_up(error_info const& why, shared_stream*& over) noexcept;

    /// Releases the operation's place after its stream is over.
    void release(shared_stream& one) noexcept;

    net::http2_session& session() noexcept { return session_; }
    net::http2_session const& session() const noexcept { return session_; }

private:
    void begin(operation& op);
    shared_stream& place_for(operation& op);
    void collect(shared_stream*& over) noexcept;
    void judge(shared_stream& one) noexcept;

    std::vector<std::unique_ptr<shared_stream>> all_;
    shared_stream* free_ = nullptr;
    shared_stream* refused_ = nullptr; ///< could not begin
    base::wiped_buffer request_;       ///< of the one that begins; empty
    core::reset_budget resets_;
    net::http2_session session_; // last: it refers to the streams
};

} // namespace equinix::sts::client_detail
