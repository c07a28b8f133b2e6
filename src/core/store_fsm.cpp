#include "core/store_fsm.hpp"

#include "base/back_off.hpp"
#include "base/failure.hpp"
#include "base/wiped.hpp"
#include "core/refresh_core.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <utility>

namespace equinix::sts::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// How far the clock of a store may fall back, as when another machine takes over.
constexpr milliseconds tolerated = seconds(5);

constexpr nanoseconds first_wait = milliseconds(20), longest_wait = milliseconds(160);
constexpr nanoseconds wait_of_a_refresh = seconds(1);
constexpr nanoseconds pause_at_most = milliseconds(300), trouble_at_most = milliseconds(600);
constexpr nanoseconds longest_cool_down = seconds(30);
constexpr milliseconds life_of_a_refusal = seconds(1);

/// A holder that is killed keeps its lease to the end. So many that gave theirs back before, and left no
/// token, tell that the store takes none or that the service gives none: nobody waits for another one then.
constexpr int most_failed_holders = 2;

/// A lease that lasts much longer than any that is given was lengthened by someone else, and says nothing.
constexpr int too_long = 10;

bool same(secret const& a, secret const& b) noexcept {
    return base::equal_secrets(a.reveal(), b.reveal());
}

bool is_from_the_future(store_record const& record, milliseconds time) noexcept {
    return record.generation > time + tolerated;
}

} // namespace

store_fsm::store_fsm(store_keys const& keys, refresh_options const& options, wanted what)
    : keys_(&keys), options_(&options), want_(std::move(what)) {
    BOOST_ASSERT(want_.names.size() == keys.size());
}

std::string const& store_fsm::name() const noexcept {
    bool const of_cool_down =
        state_ == state::asking || state_ == state::reading || state_ == state::publishing;
    return of_cool_down ? want_.cool_down_name : want_.names[index_];
}

std::optional<std::string> const& store_fsm::expected() const noexcept {
    if (state_ == state::erasing) return erased_;
    return state_ == state::publishing ? seen_cool_down_ : seen_;
}

/// The only function through which the outside changes the state.
store_fsm::action store_fsm::resume(event const& what) {
    using type = event::type;
    if (what.is != type::failed) again_ = false;
    switch (what.is) {
    case type::began:
        trouble_ = !what.allowed;
        // Anyone who can write to the store could pretend for ever that someone makes the exchange.
        if (want_.deadline != time_point::max()) {
            auto const span = std::max(want_.deadline - what.now, time_point::duration::zero());
            pass_by_at_ = what.now + span / 2 + base::share_of(span / 4, what.random);
        }
        return what.allowed ? look(0) : exchange(what.now);
    case type::looked:
        return looked(what);
    case type::acquired:
        return acquired(what);
    case type::answered:
        return answered(what);
    case type::failed:
        return failed(what);
    case type::woke:
        return woke(what);
    case type::told_to_wait:
        BOOST_ASSERT(state_ == state::exchanging);
        cool_for_ = std::min(what.wait, longest_cool_down);
        if (!looked_ || trouble_ || cool_for_ < milliseconds(1)) return go_on_exchanging();
        return send(state::reading, action::look);
    case type::exchanged:
        return end_of_exchange(what);
    case type::told:
        BOOST_ASSERT(state_ == state::telling);
        return release();
    case type::hurried:
        want_.served_until = time_point::min();
        if (!want_.held.empty()) want_.refused = std::exchange(want_.held, secret());
        awaited_ = 0;
        return state_ == state::awaiting ? acquire() : woke(what);
    case type::canceled:
        BOOST_ASSERT(!exchanging_ && !told_);
        return fail(base::failure(error_kind::canceled, phase::store, "no caller waits any longer"));
    }
    return end();
}

// ---- looking ----------------------------------------------------------------------------------------

/// Nothing when there is no record, or when it does not open or is not of this time.
std::optional<store_record> store_fsm::open(stored_record const& found, std::string const& name) {
    if (!found.bytes) return std::nullopt;
    auto record = keys_->open(*found.bytes, name);
    if (!record || is_from_the_future(*record, found.time)) {
        notes_ |= note::unopened;
        return std::nullopt;
    }
    // Anyone who can write to the store can end a record earlier, but not later.
    auto const left = std::min(record->end() - found.time, record->life);
    if (found.left && *found.left < left - seconds(1)) record->life -= left - *found.left;
    if (record->life <= milliseconds::zero() || record->end() <= found.time) return std::nullopt;
    return record;
}

/// `made` is when the token was requested, by this process's clock.
bool store_fsm::is_good(store_record const& record, time_point made, time_point now) const {
    auto const served = made + time_served(record.life, *options_);
    if (served <= now) return false;
    if (want_.held.empty()) return true;
    return !same(record.what.access_token, want_.held) && served > want_.served_until;
}

store_fsm::finding store_fsm::judge(event const& what, std::string const& name) {
    auto record = open(*what.found, name);
    if (!record) return finding::nothing;
    generation_ = std::max(generation_, record->generation);
    if (record->is == store_record::content::refusal) {
        if (!want_.held.empty()) return finding::nothing;
        failure_ = std::move(record->failed);
        base::append_to(failure_->message, "the service has refused this request, made by another process");
        return finding::refusal;
    }
    if (record->is != store_record::content::token) return finding::nothing;
    if (!want_.refused.empty() && same(record->what.access_token, want_.refused)) return finding::refused;
    auto const age = std::max(what.found->time - record->generation, milliseconds::zero());
    found_made_ = what.asked - age;
    if (!is_good(*record, found_made_, what.now)) return finding::nothing;
    found_ = std::move(record);
    return finding::good;
}

/// The moment counts as that of the answer, later than the store's time was: so no token is taken for younger
/// than it is.
void store_fsm::note_time(event const& what) noexcept {
    looked_ = true;
    time_ = what.found->time;
    time_at_ = what.now;
}

store_fsm::action store_fsm::looked(event const& what) {
    if (state_ == state::asking) return cool(what);
    if (state_ == state::reading) return publish(what);
    BOOST_ASSERT(state_ == state::looking);
    note_time(what);
    if (index_ == 0) seen_ = what.found->bytes;
    auto const found = judge(what, name());
    if (found == finding::good || found == finding::refusal) return act_on(found);
    if (found == finding::refused) {
        notes_ |= note::miss;
        erased_ = what.found->bytes;
        desired_.reset();
        life_ = milliseconds(1);
        return send(state::erasing, action::swap);
    }
    if (index_ + 1 < want_.names.size()) return look(index_ + 1);
    notes_ |= note::miss;
    return acquire();
}

store_fsm::action store_fsm::act_on(finding what) {
    return what == finding::good ? serve() : fail(std::move(*failure_));
}

store_fsm::action store_fsm::look(std::size_t index) noexcept {
    index_ = index;
    return send(state::looking, action::look);
}

// ---- the lease --------------------------------------------------------------------------------------

milliseconds store_fsm::longest_lease() const noexcept {
    return too_long * options_->sharing.lease_life;
}

nanoseconds store_fsm::third() const noexcept {
    return options_->sharing.lease_life / 3;
}

store_fsm::action store_fsm::acquire() noexcept {
    index_ = 0;
    asked_for_lease_ = true;
    return send(state::acquiring, action::acquire);
}

store_fsm::action store_fsm::acquired(event const& what) {
    BOOST_ASSERT(state_ == state::acquiring);
    note_time(what);
    seen_ = what.found->bytes;
    holds_lease_ = what.won;
    if (what.won) renew_at_ = what.asked + third();
    auto const found = judge(what, name());
    if (found == finding::good || found == finding::refusal) return act_on(found);
    if (!what.won) return await_other(what);
    notes_ |= note::lease_won;
    return ask_for_cool_down();
}

void store_fsm::note_holder(event const& what) {
    if (what.holder.empty()) return;
    bool const another = !holder_.empty() && what.holder != holder_;
    if (another && what.now < lease_end_) ++failed_holders_;
    holder_ = what.holder;
    lease_end_ = what.asked + std::clamp<milliseconds>(what.left, milliseconds(0), longest_lease());
}

store_fsm::action store_fsm::await_other(event const& what) {
    note_holder(what);
    bool const shows_life = what.left > milliseconds::zero() && what.left <= longest_lease();
    // Seen once, it may be just about to end, and to be given to somebody.
    bool const silent = !shows_life && std::exchange(silent_, !shows_life);
    if (shows_life) silent_ = false;
    bool const in_vain = failed_holders_ >= most_failed_holders && what.now >= want_.served_until;
    if (silent || in_vain || what.now >= pass_by_at_) return ask_for_cool_down();
    if (awaited_ == 0) notes_ |= note::lease_awaited;
    nanoseconds wait{};
    if (what.now < want_.served_until)
        wait = std::min<nanoseconds>(base::half_or_more_of(wait_of_a_refresh, what.random),
                                     want_.served_until - what.now);
    else
        wait = base::half_or_more_of(base::doubled(first_wait, awaited_, longest_wait), what.random);
    awaited_ = std::min(awaited_ + 1, 20U);
    until_ = std::min(base::after(what.now, wait), pass_by_at_);
    state_ = state::awaiting;
    return action::wait;
}

store_fsm::action store_fsm::renew() noexcept {
    return send(state::renewing, action::renew);
}

// ---- the cool-down ----------------------------------------------------------------------------------

store_fsm::action store_fsm::ask_for_cool_down() noexcept {
    return send(state::asking, action::look);
}

store_fsm::action store_fsm::cool(event const& what) {
    seen_cool_down_ = what.found->bytes;
    auto const record = open(*what.found, want_.cool_down_name);
    if (!record || record->is != store_record::content::cool_down) return exchange(what.now);
    auto const left = std::min<nanoseconds>(record->end() - what.found->time, longest_cool_down);
    cool_until_ = base::after(what.asked, left);
    if (cool_until_ >= want_.deadline) {
        auto why = base::failure(error_kind::unavailable, phase::store,
                                 "the service has asked another process to wait for longer than this "
                                 "exchange may take");
        why.retry_after = std::chrono::ceil<seconds>(left);
        return fail(std::move(why));
    }
    cool_until_ += base::share_of(left / 10, what.random);
    return go_on_cooling(what.now);
}

store_fsm::action store_fsm::go_on_cooling(time_point now) noexcept {
    if (now >= cool_until_) return exchange(now);
    until_ = holds_lease_ ? std::min(cool_until_, renew_at_) : cool_until_;
    state_ = state::cooling;
    return action::wait;
}

/// Writes the cool-down that the exchange was told, unless there is one that lasts as long.
store_fsm::action store_fsm::publish(event const& what) {
    auto const life = std::chrono::floor<milliseconds>(std::exchange(cool_for_, nanoseconds::zero()));
    seen_cool_down_ = what.found->bytes;
    auto const record = open(*what.found, want_.cool_down_name);
    auto const time = what.found->time;
    if (record && record->end() >= time + life) return after_cool_down();
    desired_.emplace();
    desired_->is = store_record::content::cool_down;
    desired_->generation = record ? std::max(time, record->generation + milliseconds(1)) : time;
    desired_->life = life_ = life;
    return send(state::publishing, action::swap);
}

/// The exchange goes on, or has ended.
store_fsm::action store_fsm::after_cool_down() noexcept {
    return exchanging_ ? go_on_exchanging() : release();
}

// ---- the exchange -----------------------------------------------------------------------------------

store_fsm::action store_fsm::exchange(time_point now) {
    if (now >= want_.deadline)
        return fail(base::failure(error_kind::timeout, phase::store,
                                  "no time is left after waiting for the token store"));
    exchanging_ = told_ = true;
    go_on_exchanging();
    return action::exchange;
}

store_fsm::action store_fsm::go_on_exchanging() noexcept {
    state_ = state::exchanging;
    until_ = holds_lease_ ? renew_at_ : time_point::max();
    return action::wait;
}

store_fsm::action store_fsm::end_of_exchange(event const& what) {
    BOOST_ASSERT(state_ == state::exchanging && exchanging_);
    exchanging_ = false;
    if (!looked_ || !what.allowed) return release();
    return write(what);
}

store_fsm::action store_fsm::write(event const& what) {
    store_record made;
    nanoseconds since{};
    if (what.fresh != nullptr && is_bound(*what.fresh)) {
        notes_ |= note::unshared;
        return release();
    }
    if (what.fresh != nullptr && what.fresh->expires_in && what.fresh->expires_in->count() > 0) {
        made.what = *what.fresh;
        made.life = *what.fresh->expires_in;
        since = std::max(what.fresh->requested.steady - time_at_, nanoseconds::zero());
    } else if (what.why != nullptr && base::is_permanent_refusal(*what.why) && want_.held.empty()) {
        made.is = store_record::content::refusal;
        made.failed = base::copy_of(*what.why);
        made.life = life_of_a_refusal;
        since = std::max(what.now - time_at_, nanoseconds::zero());
    } else if (what.why != nullptr && what.why->retry_after && what.why->retryable()) {
        cool_for_ = std::min<nanoseconds>(*what.why->retry_after, longest_cool_down);
        return cool_for_ < milliseconds(1) ? release() : send(state::reading, action::look);
    } else {
        return release();
    }
    // By the store's time, which goes on at the pace of our clock or faster: never too late.
    made.generation =
        std::max(time_ + std::chrono::floor<milliseconds>(since), generation_ + milliseconds(1));
    auto const age = std::max(what.now - time_at_ - since, nanoseconds::zero());
    life_ = made.life - std::chrono::ceil<milliseconds>(age);
    if (life_ <= milliseconds::zero()) return release();
    index_ = 0;
    desired_ = std::move(made);
    return send(state::writing, action::swap);
}

// ---- what the callers get ---------------------------------------------------------------------------

store_fsm::action store_fsm::serve() {
    notes_ |= note::hit;
    state_ = state::telling;
    told_ = true;
    return action::serve;
}

store_fsm::action store_fsm::fail(error_info why) {
    failure_ = std::move(why);
    state_ = state::telling;
    told_ = true;
    return action::fail;
}

token store_fsm::take_found(time_stamp now) {
    auto what = std::move(found_->what);
    auto const age = now.steady - found_made_;
    what.requested = {found_made_,
                      now.system - std::chrono::duration_cast<std::chrono::system_clock::duration>(age)};
    what.received = now;
    auto const life = std::min(*what.expires_in, std::chrono::floor<seconds>(found_->life));
    what.expires_in = life;
    what.expires = time_stamp{what.requested.steady + life, what.requested.system + life};
    return what;
}

// ---- the end ----------------------------------------------------------------------------------------

store_fsm::action store_fsm::release() noexcept {
    if (!asked_for_lease_) return end();
    index_ = 0;
    return send(state::releasing, action::release);
}

store_fsm::action store_fsm::end() noexcept {
    state_ = state::ended;
    return action::none;
}

// ---- commands ---------------------------------------------------------------------------------------

store_fsm::action store_fsm::send(state next, action what) noexcept {
    state_ = next;
    return last_ = what;
}

store_fsm::action store_fsm::answered(event const& what) {
    switch (state_) {
    case state::erasing:
        return acquire(); // tells what is there then
    case state::renewing:
        holds_lease_ = what.yes;
        renew_at_ = what.asked + third();
        return exchanging_ ? go_on_exchanging() : go_on_cooling(what.now);
    case state::publishing:
        return after_cool_down();
    case state::writing:
        if (what.yes) notes_ |= note::written;
        return release();
    default:
        BOOST_ASSERT(state_ == state::releasing);
        return end();
    }
}

/// When the exchange begins at the latest, though the store is in trouble since this moment.
store_fsm::time_point store_fsm::end_of_trouble(time_point since) const noexcept {
    return since + std::min<nanoseconds>(trouble_at_most,
                                         std::max<nanoseconds>((want_.deadline - since) / 2, nanoseconds(1)));
}

/// A late command is sent once more: it may have been lost, and the process itself may have been away.
store_fsm::action store_fsm::failed(event const& what) {
    bool const matters = state_ != state::renewing && state_ != state::releasing &&
                         state_ != state::reading && state_ != state::publishing;
    if (what.late && !again_ && matters && what.now < end_of_trouble(what.asked)) {
        again_ = true;
        until_ = end_of_trouble(what.asked); // of the pause
        return last_;
    }
    auto const since = again_ ? until_ : end_of_trouble(what.asked);
    again_ = false;
    switch (state_) {
    case state::looking:
    case state::erasing:
    case state::acquiring:
        trouble_ = true;
        state_ = state::pausing;
        until_ = std::min({base::after(what.now, base::share_of(pause_at_most, what.random)),
                           std::max(since, what.now), want_.deadline});
        return action::wait;
    case state::asking:
        return exchange(what.now);
    case state::renewing:
        renew_at_ = what.now + third();
        return exchanging_ ? go_on_exchanging() : go_on_cooling(what.now);
    case state::reading:
    case state::publishing:
        return after_cool_down();
    case state::writing:
        return release();
    default:
        return end(); // the lease ends by itself
    }
}

store_fsm::action store_fsm::woke(event const& what) {
    switch (state_) {
    case state::awaiting:
        return acquire();
    case state::cooling:
        return holds_lease_ && what.now >= renew_at_ ? renew() : go_on_cooling(what.now);
    case state::pausing:
        return what.now >= until_ ? exchange(what.now) : action::wait;
    case state::exchanging:
        return holds_lease_ && what.now >= renew_at_ ? renew() : go_on_exchanging();
    default:
        BOOST_ASSERT(false);
        return end();
    }
}

} // namespace equinix::sts::core
