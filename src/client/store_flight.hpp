// A flight that looks into a token store first, and writes there what its exchange brings. `core::store_fsm`
// decides; this performs, in one coroutine on a strand of its own.
#pragma once

#include "client/store_link.hpp"
#include "client/token_flight.hpp"
#include "core/store_fsm.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace equinix::sts::client_detail {

class store_flight final : public token_flight {
public:
    /// Requires the desk's lock.
    store_flight(std::shared_ptr<token_desk> desk, std::shared_ptr<access::handle> client, token_entry& whose,
                 std::shared_ptr<store_link> link);

    bool begin() noexcept override;
    void cancel() noexcept override;
    void hurry() noexcept override;
    bool has_tail() const noexcept override { return spawned_; }

private:
    using action = core::store_fsm::action;
    using event = core::store_fsm::event;
    using command_kind = store_link::command;
    template <class T>
    struct command;

    void exchanged() noexcept override;
    void attempt_failed(error_info const& why) noexcept override;
    void keep_copy() noexcept;
    void prepare();
    void name_owner();
    boost::asio::awaitable<void> run(std::shared_ptr<store_flight> self);
    boost::asio::awaitable<void> go();
    boost::asio::awaitable<event> perform(action what);
    boost::asio::awaitable<event> look();
    boost::asio::awaitable<event> acquire();
    boost::asio::awaitable<event> ask(boost::asio::awaitable<result<bool>> command);
    boost::asio::awaitable<event> wait(std::optional<event> already);
    template <class T>
    boost::asio::awaitable<result<T>> answer(boost::asio::awaitable<result<T>> asked);
    void worked(command_kind what);
    event failed(command_kind what, error_info const& why, base::clock::time_point asked);
    std::optional<event> exchange();
    event tell(action what);
    std::optional<std::string> sealed() const;
    std::optional<event> news();
    template <class Change>
    void post(Change change) noexcept;
    std::shared_ptr<store_flight> self() {
        return std::static_pointer_cast<store_flight>(shared_from_this());
    }

    std::shared_ptr<store_link> const link_;
    core::store_fsm::wanted wanted_;
    bool spawned_ = false; ///< set before the flight is begun

    std::atomic<bool> exchange_over_ = false;

    // Used on the strand only, and before it is spawned.
    boost::asio::strand<boost::asio::any_io_executor> strand_;
    std::optional<core::store_fsm> fsm_;
    std::optional<boost::asio::steady_timer> timer_; ///< while the coroutine runs
    std::string owner_;                              ///< empty until the lease is asked for
    std::optional<stored_record> found_;
    std::string holder_; ///< of the lease, as told last
    std::optional<std::chrono::nanoseconds> wait_asked_for_;
    bool canceled_ = false;
    bool hurried_ = false;
    bool exchanging_ = false;
    bool landed_ = false;

    // What the exchange has brought; written before `exchange_over_`.
    std::optional<token> fresh_;
    std::optional<error_info> why_;
};

} // namespace equinix::sts::client_detail
