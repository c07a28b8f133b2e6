// One fetch of a token for a token desk: it belongs to the desk, not to a caller. Without a store it is an
// exchange; with one it goes through the steps of `store_flight`, of which the exchange is one.
#pragma once

#include "base/lock.hpp"
#include "client/client_handle.hpp"
#include "client/exchange.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>

namespace equinix::sts::client_detail {

class token_desk;
struct token_entry;

class token_flight : public std::enable_shared_from_this<token_flight> {
public:
    /// Requires the desk's lock.
    token_flight(std::shared_ptr<token_desk> desk, std::shared_ptr<access::handle> client,
                 token_entry& whose);
    token_flight(token_flight const&) = delete;
    token_flight& operator=(token_flight const&) = delete;
    virtual ~token_flight() = default;

    /// Begins; the desk is notified when the flight has landed. Returns false when it cannot begin: see
    /// `failure`. Must be called without the desk's lock.
    virtual bool begin() noexcept;

    /// Cancels the flight once it has begun. Must be called without the desk's lock.
    virtual void cancel() noexcept;

    /// The token that was held no longer serves: callers may wait for this flight now. May be called with the
    /// desk's lock held.
    virtual void hurry() noexcept {}

    /// The failure of the last attempt of the exchange, if it has failed so far. May be called at any time.
    std::optional<error_info> failure_so_far() const noexcept;

    /// Whether the flight goes on after it has landed; the desk is notified of the end then.
    virtual bool has_tail() const noexcept { return false; }

    token_entry& entry;

    // Guarded by the desk's lock.
    bool begun = false;
    bool abandoned = false;
    bool has_landed = false;
    bool has_finished = false;                                         ///< of a flight with a tail
    std::uint32_t erasures = 0;                                        ///< of its entry, before it began
    base::clock::time_point deadline = base::clock::time_point::max(); ///< set before it begins
    std::list<std::shared_ptr<token_flight>>::iterator position{};
    std::shared_ptr<token_flight> next; ///< in a linked list of a `token_actions`

    // Valid once landed.
    std::optional<token> got;
    base::jwt_times subject_times; ///< of the subject token, if it was exchanged
    std::optional<error_info> failure;
    secret subject; ///< the subject token that was sent last

protected:
    /// Begins the exchange; `exchanged` is called when it has ended. Returns false when it cannot begin.
    bool begin_exchange() noexcept;
    void stop_exchange() noexcept;

    /// The exchange has ended.
    virtual void exchanged() noexcept;

    /// An attempt of the exchange has failed, and another one follows. Called with the pool's lock held.
    virtual void attempt_failed(error_info const& why) noexcept;

    void take_result() noexcept;
    void land() noexcept;

    std::shared_ptr<token_desk> const desk_;
    std::shared_ptr<access::handle> const client_;
    exchange_request const request_;

private:
    struct landing;

    secret const refused_subject_;
    std::optional<exchange> op_;
    mutable base::mutex failing_;
    std::optional<error_info> failure_so_far_ STS_GUARDED_BY(failing_);
};

} // namespace equinix::sts::client_detail
