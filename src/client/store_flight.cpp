#include "client/store_flight.hpp"

#include "base/failure.hpp"
#include "base/hexadecimal.hpp"
#include "base/sealing.hpp"
#include "client/clocks.hpp"
#include "client/token_desk.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;
using base::clock;

namespace {

constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

/// How long a wait lasts at most before it looks by itself for what has happened: a notification that found
/// no memory is lost.
constexpr auto longest_wait = std::chrono::seconds(5);

constexpr int looks_after_the_bound = 8;

constexpr std::size_t owner_size = 16;

/// Which exceptions of a store become which error. Of foreign ones only that they were thrown.
error_info failure_of(std::exception_ptr const& thrown) noexcept try {
    std::rethrow_exception(thrown);
} catch (error const& known) {
    return base::copy_of(known.info());
} catch (std::bad_alloc const&) {
    return base::without_memory(phase::store);
} catch (...) {
    return base::failure(error_kind::config, phase::store,
                         "the token store threw an exception that is not an sts::error; its text is not "
                         "shown because it may contain a secret");
}

using store_ptr = std::shared_ptr<token_store>;

// The commands, each as a coroutine that holds the store. What the store throws ends it.

asio::awaitable<result<stored_record>> looked(store_ptr store, std::string name, store_bounds within) {
    auto got = co_await store->look(std::move(name), within);
    co_return got;
}

asio::awaitable<result<store_lease>> acquired(store_ptr store, std::string name, std::string owner,
                                              std::chrono::milliseconds life, store_bounds within) {
    auto got = co_await store->acquire(std::move(name), std::move(owner), life, within);
    co_return got;
}

asio::awaitable<result<bool>> renewed(store_ptr store, std::string name, std::string owner,
                                      std::chrono::milliseconds life, store_bounds within) {
    auto got = co_await store->renew(std::move(name), std::move(owner), life, within);
    co_return got;
}

asio::awaitable<result<bool>> released(store_ptr store, std::string name, std::string owner,
                                       store_bounds within) {
    auto got = co_await store->release(std::move(name), std::move(owner), within);
    co_return got;
}

asio::awaitable<result<bool>> swapped(store_ptr store, std::string name, std::optional<std::string> expected,
                                      std::optional<std::string> desired, std::chrono::milliseconds life,
                                      store_bounds within) {
    auto got = co_await store->swap(std::move(name), std::move(expected), std::move(desired), life, within);
    co_return got;
}

} // namespace

store_flight::store_flight(std::shared_ptr<token_desk> desk, std::shared_ptr<access::handle> client,
                           token_entry& whose, std::shared_ptr<store_link> link)
    : token_flight(std::move(desk), std::move(client), whose), link_(std::move(link)),
      strand_(asio::make_strand(client_->connections->executor())) {
    if (whose.held && whose.fsm.holds(now_on_both_clocks())) {
        wanted_.held = whose.held->access_token;
        wanted_.served_until = whose.fsm.served_until().steady;
    }
    if (whose.extras) wanted_.refused = whose.extras->invalid_token;
}

// ---- beginning and stopping -------------------------------------------------------------------------

bool store_flight::begin() noexcept try {
    prepare();
    spawned_ = true;
    asio::co_spawn(strand_, run(self()), asio::detached);
    return true;
} catch (error const& refused) {
    spawned_ = false;
    failure = base::copy_of(refused.info());
    return false;
} catch (std::exception const&) {
    spawned_ = false;
    failure = base::without_memory(phase::store);
    return false;
}

void store_flight::prepare() {
    auto const& sharing = link_->options.sharing;
    if (request_.supplier() && sharing.identity.empty())
        base::refuse_option("store_options::identity",
                            "a token_cache with a store needs requests with subject tokens, not with a "
                            "supplier: use a token_source with a store_options::identity for this one");
    auto const text = core::store_name_text(request_, link_->url, sharing.name_space, sharing.identity);
    wanted_.names = link_->keys.names_of(base::view(text));
    wanted_.cool_down_name = link_->cool_down_name;
    wanted_.deadline = deadline;
    fsm_.emplace(link_->keys, link_->options, std::move(wanted_));
}

void store_flight::attempt_failed(error_info const& why) noexcept {
    token_flight::attempt_failed(why);
    if (auto const wait = why.retry_after) post([wait](store_flight& on) { on.wait_asked_for_ = wait; });
}

/// Changes something on the strand and lets the coroutine see it.
template <class Change>
void store_flight::post(Change change) noexcept try {
    asio::post(strand_, [self = self(), change] {
        change(*self);
        if (self->timer_) self->timer_->cancel();
    });
} catch (std::exception const&) {
    return; // memory ran out: the flight goes on until it ends by itself
}

void store_flight::cancel() noexcept {
    post([](store_flight& on) {
        on.canceled_ = true;
        if (on.exchanging_) on.stop_exchange();
    });
}

void store_flight::hurry() noexcept {
    post([](store_flight& on) { on.hurried_ = true; });
}

/// The callers get the result at once; then the coroutine writes it to the store.
void store_flight::exchanged() noexcept {
    take_result();
    if (got) {
        keep_copy();
    } else {
        why_ = base::copy_of(*failure);
    }
    land();
    exchange_over_ = true;
    post([](store_flight&) {});
}

/// What is written to the store; nothing when memory ran out.
void store_flight::keep_copy() noexcept {
    try {
        fresh_ = *got;
    } catch (std::bad_alloc const&) {
        fresh_.reset();
    }
}

// ---- the coroutine ----------------------------------------------------------------------------------

asio::awaitable<void> store_flight::run([[maybe_unused]] std::shared_ptr<store_flight> self) {
    std::exception_ptr thrown;
    try {
        co_await go();
    } catch (...) {
        thrown = std::current_exception();
    }
    timer_.reset();
    if (thrown && !landed_ && !exchanging_) {
        failure = client_detail::failure_of(thrown);
        land();
    }
    desk_->finished(*this);
}

asio::awaitable<void> store_flight::go() {
    timer_.emplace(strand_);
    event next{event::type::began};
    next.allowed = link_->allows();
    for (;;) {
        next.now = clock::now();
        next.random = link_->random();
        auto const what = fsm_->resume(next);
        if (auto const notes = fsm_->take_notes()) desk_->saw(*this, notes);
        if (what == action::none) co_return;
        auto came = co_await perform(what);
        next = came;
    }
}

asio::awaitable<store_flight::event> store_flight::perform(action what) {
    auto const& store = link_->options.sharing.store;
    auto const& bounds = link_->options.sharing.bounds;
    auto const life = link_->options.sharing.lease_life;
    switch (what) {
    case action::look:
        return look();
    case action::acquire:
        return acquire();
    case action::renew:
        return ask(renewed(store, fsm_->name(), owner_, life, bounds));
    case action::release:
        return ask(released(store, fsm_->name(), owner_, bounds));
    case action::swap:
        return ask(swapped(store, fsm_->name(), fsm_->expected(), sealed(), fsm_->life(), bounds));
    case action::exchange:
        return wait(exchange());
    case action::serve:
    case action::fail:
        return wait(tell(what));
    case action::wait:
    case action::none:
        break;
    }
    return wait(std::nullopt);
}

/// What is to be written, if anything is.
std::optional<std::string> store_flight::sealed() const {
    auto const* const record = fsm_->desired();
    if (record == nullptr) return std::nullopt;
    std::string salt(core::store_keys::salt_size, '\0');
    base::fill_with_random(salt);
    return link_->keys.seal(*record, fsm_->name(), salt);
}

asio::awaitable<store_flight::event> store_flight::look() {
    event came{event::type::looked};
    came.asked = clock::now();
    auto const& sharing = link_->options.sharing;
    auto got = co_await answer(looked(sharing.store, fsm_->name(), sharing.bounds));
    if (got.has_error()) co_return failed(command_kind::read, got.error(), came.asked);
    worked(command_kind::read);
    found_ = std::move(*got);
    came.found = &*found_;
    co_return came;
}

/// By what the store tells this flight from others that ask for the lease.
void store_flight::name_owner() {
    std::string bytes(owner_size / 2, '\0');
    base::fill_with_random(bytes);
    base::append_hexadecimal(owner_, bytes);
}

asio::awaitable<store_flight::event> store_flight::acquire() {
    event came{event::type::acquired};
    came.asked = clock::now();
    auto const& sharing = link_->options.sharing;
    if (owner_.empty()) name_owner();
    auto got =
        co_await answer(acquired(sharing.store, fsm_->name(), owner_, sharing.lease_life, sharing.bounds));
    if (got.has_error()) co_return failed(command_kind::write, got.error(), came.asked);
    worked(command_kind::write);
    came.won = got->won;
    came.left = got->left;
    holder_ = std::move(got->holder);
    came.holder = holder_;
    found_ = std::move(got->now);
    came.found = &*found_;
    co_return came;
}

asio::awaitable<store_flight::event> store_flight::ask(asio::awaitable<result<bool>> command) {
    event came{event::type::answered};
    came.asked = clock::now();
    auto const got = co_await answer(std::move(command));
    if (got.has_error()) co_return failed(command_kind::write, got.error(), came.asked);
    worked(command_kind::write);
    came.yes = *got;
    co_return came;
}

void store_flight::worked(command_kind what) {
    if (link_->worked(what)) desk_->store_worked(*this);
}

store_flight::event store_flight::failed(command_kind what, error_info const& why, clock::time_point asked) {
    event came{event::type::failed};
    came.asked = asked;
    came.late = base::is_unanswered(why);
    desk_->store_failed(*this, why, link_->failed(what));
    return came;
}

template <class T>
struct store_flight::command {
    std::optional<result<T>> answer;
    asio::cancellation_signal cancel;
};

/// Waits for a command, at most for its bounds.
template <class T>
asio::awaitable<result<T>> store_flight::answer(asio::awaitable<result<T>> asked) {
    auto const& bounds = link_->options.sharing.bounds;
    auto const one = std::make_shared<command<T>>();
    auto done = [one, weak = std::weak_ptr<store_flight>(self())](std::exception_ptr thrown, result<T> got) {
        one->answer.emplace(thrown ? result<T>(client_detail::failure_of(thrown)) : std::move(got));
        auto const flight = weak.lock();
        if (flight && flight->timer_) flight->timer_->cancel();
    };
    asio::co_spawn(strand_, std::move(asked),
                   asio::bind_cancellation_slot(one->cancel.slot(), std::move(done)));
    // Several commands, and an exchange after them, must fit into what is left.
    auto const begun = clock::now();
    auto const share =
        std::max<std::chrono::nanoseconds>((deadline - begun) / 4, std::chrono::milliseconds(1));
    auto const bound = begun + std::min(bounds.command + bounds.connect, share);
    while (!one->answer && clock::now() < bound) {
        timer_->expires_at(bound);
        co_await timer_->async_wait(quiet);
    }
    // The process itself may have been away: what has arrived meanwhile counts.
    for (int i = 0; i < looks_after_the_bound && !one->answer; ++i)
        co_await asio::post(strand_, asio::use_awaitable);
    if (one->answer) co_return std::move(*one->answer);
    one->cancel.emit(asio::cancellation_type::terminal);
    co_return base::failure(error_kind::timeout, phase::store, "the token store did not answer in time");
}

/// Returns what happened instead if the exchange does not begin.
std::optional<store_flight::event> store_flight::exchange() {
    exchanging_ = true;
    if (!canceled_) {
        desk_->exchange_begun(*this);
        if (begin_exchange()) return std::nullopt;
    } else {
        failure = base::failure(error_kind::canceled, phase::store, "no caller waits any longer");
    }
    why_ = base::copy_of(*failure);
    land();
    exchange_over_ = true;
    return news();
}

/// Gives the callers what the store has.
store_flight::event store_flight::tell(action what) {
    if (what == action::serve)
        got = fsm_->take_found(now_on_both_clocks());
    else
        failure = fsm_->take_failure();
    landed_ = true;
    land();
    return event{event::type::told};
}

/// Waits for the next event, unless there is one already.
asio::awaitable<store_flight::event> store_flight::wait(std::optional<event> already) {
    for (;;) {
        if (!already) already = news();
        auto const now = clock::now();
        if (!already && now >= fsm_->until()) already = event{event::type::woke};
        if (already) co_return *already;
        timer_->expires_at(std::min(fsm_->until(), now + longest_wait));
        co_await timer_->async_wait(quiet);
    }
}

/// What has happened, if anything has.
std::optional<store_flight::event> store_flight::news() {
    if (exchanging_ && exchange_over_) {
        exchanging_ = false;
        landed_ = true;
        event came{event::type::exchanged};
        came.allowed = !fsm_->had_trouble() || (fsm_->has_looked() && link_->allows());
        if (fresh_) came.fresh = &*fresh_;
        if (why_) came.why = &*why_;
        return came;
    }
    if (exchanging_ && wait_asked_for_) {
        event came{event::type::told_to_wait};
        came.wait = *std::exchange(wait_asked_for_, std::nullopt);
        return came;
    }
    if (std::exchange(hurried_, false)) return event{event::type::hurried};
    if (canceled_ && !exchanging_ && !landed_) return event{event::type::canceled};
    return std::nullopt;
}

} // namespace equinix::sts::client_detail
