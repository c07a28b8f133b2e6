// One request and its answer, as the pool sees them.
#pragma once

#include "base/wiped.hpp"
#include "client/clocks.hpp"
#include "client/outside_call.hpp"
#include "client/suspended_caller.hpp"
#include "core/answer.hpp"
#include "core/exchange_fsm.hpp"
#include "core/pool_core.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/subject_token_supplier.hpp>
#include <equinix/sts/token.hpp>

#include <boost/intrusive/set.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace equinix::sts::client_detail {

struct connection;
struct shared_stream;
using core::stop_reason;

/// Hooks an operation into the list of those that a shared connection carries.
using carried_hook = boost::intrusive::list_base_hook<boost::intrusive::tag<shared_stream>>;

/// Its owner keeps it alive from before the pool knows it until the caller is resumed. Not movable. Once
/// started, all its members belong to the pool: to the thread that holds the pool's lock or, between `leased`
/// and the end of a step, to the driver of the connection.
struct operation : core::pool_waiter, boost::intrusive::set_base_hook<>, carried_hook {
    operation() = default;
    operation(operation const&) = delete;
    operation& operator=(operation const&) = delete;

    /// Writes the request to be sent: the same each time, except for what is signed anew. Throws
    /// `std::bad_alloc`, and `error` when a signature cannot be made.
    virtual void write_request(base::wiped_buffer& to) = 0;

    /// What makes the signatures of the next request on another thread. Throws `std::bad_alloc`.
    virtual std::function<core::signatures()> signing_job() const { return {}; }

    /// Takes the signatures of the next request.
    virtual void take(core::signatures) noexcept {}

    /// Takes the result that the answer brings; else returns the error. Throws `std::bad_alloc`.
    virtual std::optional<error_info> judge(core::answer const& answer) = 0;

    /// Builds the request with this subject token. Returns an error when it must not be sent, or when it
    /// equals the previous one and another one is wanted. Throws.
    virtual std::optional<error_info> take(supplied_subject, [[maybe_unused]] bool another_wanted) {
        return std::nullopt;
    }

    /// Whether the subject token that was supplied has expired.
    virtual bool needs_another_subject() const noexcept { return false; }

    /// The subject token that the service has refused, if another one is wanted; otherwise empty.
    virtual secret refused_subject() const noexcept { return {}; }

    /// An attempt has failed, and another one follows. Called with the pool's lock held.
    virtual void attempt_failed() noexcept {}

    bool is_pausing() const noexcept { return boost::intrusive::set_base_hook<>::is_linked() && !call; }

    /// Has to be asked for the subject token before there is a request; null when there is none.
    std::shared_ptr<subject_token_supplier> supplier;
    std::shared_ptr<outside_call> call; ///< while the supplier is being asked, or signatures are made
    bool has_new_nonce = false;         ///< its answer has refused the proof and brought a nonce

    core::exchange_fsm fsm;
    connection* lease = nullptr;
    shared_stream* stream = nullptr;  ///< on a shared connection, once it has begun there
    operation* begun_after = nullptr; ///< of those that its driver is to begin
    time_stamp requested{};
    std::optional<std::chrono::nanoseconds> limit; ///< its own timeout as it was set, for a text

    // For the observer.
    std::uint64_t number = 0;                  ///< from 1, in the order of starting
    std::uint64_t tag = 0;                     ///< the caller's own number
    std::shared_ptr<std::string const> source; ///< the name of the source it is for; may be null
    std::uint64_t attempt_connection = 0;
    std::shared_ptr<std::string const> attempt_address; ///< may be null
    bool attempt_reused = false, attempt_resumed = false, attempt_http2 = false;
    base::clock::time_point wanted_connection{};          ///< since when
    std::optional<base::clock::time_point> attempt_began; ///< while an attempt is reported and not ended

    suspended_caller caller;

protected:
    ~operation() = default;
};

using carried_operations = boost::intrusive::list<operation, boost::intrusive::base_hook<carried_hook>>;

/// Every waiter of the pool is an operation.
inline operation& as_operation(core::pool_waiter& waiter) {
    return static_cast<operation&>(waiter);
}

struct by_resumption {
    bool operator()(operation const& a, operation const& b) const noexcept {
        return a.fsm.resume_at() < b.fsm.resume_at();
    }
};

struct by_deadline {
    bool operator()(operation const& a, operation const& b) const noexcept { return a.deadline < b.deadline; }
};

} // namespace equinix::sts::client_detail
