#include "base/failure.hpp"
#include "base/keyed_digest.hpp"
#include "client/await_token.hpp"
#include "client/clocks.hpp"
#include "client/counted_copy.hpp"
#include "client/stripes.hpp"
#include "core/cache_core.hpp"
#include "core/request_key.hpp"
#include "values/check_refresh.hpp"

#include <equinix/sts/token_cache.hpp>

#include <array>
#include <atomic>
#include <new>
#include <optional>

namespace equinix::sts {

namespace asio = boost::asio;
using client_detail::await_token;
using client_detail::counted_copies;
using client_detail::ready;
using client_detail::sight;
using client_detail::striped_lock;
using client_detail::token_actions;
using client_detail::token_desk;
using client_detail::token_entry;
using client_detail::token_ptr;
using client_detail::token_view;
using client_detail::token_waiter;
using digest = base::keyed_digest::value;

namespace {

/// A key of a cache, in the order in which a hit reads it.
struct visible_key : core::cache_key {
    explicit visible_key(digest const& name) : cache_key(name) {}

    // Callers see these with a stripe of the shard's lock held.
    std::atomic<bool> used = false; ///< since the cache last looked for a key to evict
    std::atomic<std::uint8_t> last_stripe = 0;
    std::atomic<std::uint8_t> changes = 0;  ///< how often another stripe came, with this token
    token_view view;                        ///< changed with all of them held
    std::unique_ptr<counted_copies> copies; ///< likewise
    std::atomic<std::uint64_t> taken = 0;   ///< without what the copies count

protected:
    ~visible_key() = default;
};

/// How many keys may have copies of their token, of more than 1 KiB each.
constexpr std::size_t most_with_copies = 1024;

struct cached final : visible_key, token_entry {
    cached(digest const& name, exchange_request what) : visible_key(name), token_entry(std::move(what)) {}
};

/// What a caller sees without the desk's lock.
struct cache_sight : sight {
    std::optional<exchange_request> request; ///< of a hit, for the observer
    bool is_shared = false;                  ///< several threads take it: it is to have copies
};

/// A desk with an entry for each key. What changes what callers see without its lock holds the lock of the
/// key's shard, too.
class many_desk final : public token_desk {
public:
    many_desk(client_detail::desk_terms terms, cache_options const& options)
        : token_desk(std::move(terms), options.refresh, options.max_in_flight), keys_(options.max_keys) {
        join_context();
    }
    ~many_desk() override {
        leave_context();
        keys_.clear([](core::cache_key* one) { delete static_cast<cached*>(one); });
    }

    /// May run beside others of its kind, and beside what holds the desk's lock.
    cache_sight look(digest const& key) noexcept STS_NOT_ANALYZED {
        cache_sight out;
        token_view::moment const now(client_detail::lately_on_both_clocks());
        striped_lock::reading reads(lock_of(key));
        auto* const known = static_cast<cached*>(keys_.find(key));
        if (known == nullptr) return out;
        auto const& view = known->view;
        if (!view.serves(now)) return out;
        out.due = view.due.is_over(now);
        reads.count_hit();
        if (known->copies) {
            out.token = known->copies->take(view.held, reads.number());
        } else {
            out.token = view.held;
            out.is_shared = count_taken(*known, reads.number());
        }
        if (!known->used.load(std::memory_order_relaxed)) known->used.store(true, std::memory_order_relaxed);
        if (is_observed()) out.request = known->request;
        return out;
    }

    /// Lets threads no longer wait for each other's use of this token. Does nothing when memory runs out, or
    /// when as many keys as are allowed have copies.
    void make_copies(digest const& key) noexcept STS_NOT_ANALYZED {
        if (with_copies_.load(std::memory_order_relaxed) >= most_with_copies) return;
        std::unique_ptr<counted_copies> made(new (std::nothrow) counted_copies);
        if (!made) return;
        striped_lock::changing const alone(lock_of(key));
        auto* const known = static_cast<cached*>(keys_.find(key));
        if (known == nullptr || !known->view.held || known->copies) return;
        with_copies_.fetch_add(1, std::memory_order_relaxed);
        known->copies = std::move(made);
    }

    cached* find(digest const& key) noexcept STS_REQUIRES(mutex) {
        return static_cast<cached*>(keys_.find(key));
    }

    /// Returns the entry of a key, creating it if needed; null when all others have waiters. Throws.
    cached* entry(digest const& key, exchange_request const& request, token_actions& todo)
        STS_REQUIRES(mutex) {
        if (auto* const known = find(key)) {
            known->used.store(true, std::memory_order_relaxed);
            return known;
        }
        if (keys_.is_full()) {
            todo.evicted = evict_one();
            if (!todo.evicted) return nullptr;
        }
        auto made = std::make_unique<cached>(key, request);
        {
            striped_lock::changing const alone(lock_of(key));
            keys_.reserve(key);
            keys_.add(*made);
        }
        idle(*made);
        return made.release();
    }

    /// Erases the entry with its token, unless it has waiters.
    void erase(cached& one, token_actions& todo) noexcept STS_REQUIRES(mutex) {
        if (!one.waiters.empty()) return;
        erase_token(one, todo);
        if (one.is_idle()) todo.evicted = taken_out(one);
    }

    cache_stats all() STS_REQUIRES(mutex) {
        cache_stats out;
        out.keys = keys_.size();
        out.evicted = evicted_;
        out.tokens = totals();
        for (auto& one : locks_)
            out.tokens.hits += striped_lock::changing(one).hits();
        return out;
    }

    base::keyed_digest const names;

private:
    void idle(token_entry& entry) noexcept STS_REQUIRES(mutex) override {
        BOOST_ASSERT(entry.is_idle());
        keys_.idle(static_cast<cached&>(entry),
                   entry.held ? entry.fsm.served_until().steady : base::clock::time_point::min());
    }
    void busy(token_entry& entry) noexcept STS_REQUIRES(mutex) override {
        keys_.busy(static_cast<cached&>(entry));
    }
    void gone(token_entry& entry, token_actions& todo) noexcept STS_REQUIRES(mutex) override {
        if (todo.evicted)
            idle(entry); // it is erased when its place is needed
        else
            todo.evicted = taken_out(static_cast<cached&>(entry));
    }
    void forget_all() noexcept STS_REQUIRES(mutex) override {
        keys_.for_each([this](core::cache_key& one) {
            mutex.assert_held();
            forget(static_cast<cached&>(one));
        });
    }
    void rekey_all(token_actions& todo) noexcept STS_REQUIRES(mutex) override {
        keys_.for_each([&](core::cache_key& one) {
            mutex.assert_held();
            rekey(static_cast<cached&>(one), todo);
        });
    }
    /// The first callers of a key do not make it one that is used.
    void show(token_entry& entry, bool) noexcept STS_REQUIRES(mutex) override {
        auto& one = static_cast<cached&>(entry);
        auto token = entry.held; // the previous token is released after the unlock
        std::unique_ptr<counted_copies> copies;
        striped_lock::changing const alone(lock_of(one.key));
        one.view.held.swap(token);
        copies = without_copies(one);
        one.view.until = token_view::moment(entry.fsm.served_until());
        one.view.due = token_view::moment(entry.fsm.due_at());
    }
    void show_due(token_entry& entry, time_stamp due) noexcept STS_REQUIRES(mutex) override {
        auto& one = static_cast<cached&>(entry);
        striped_lock::changing const alone(lock_of(one.key));
        one.view.due = token_view::moment(due);
    }
    void count_hit(token_entry& entry) noexcept STS_REQUIRES(mutex) override {
        static_cast<cached&>(entry).taken.fetch_add(1, std::memory_order_relaxed);
    }
    std::uint64_t hits_of(token_entry const& entry) noexcept STS_REQUIRES(mutex) override {
        auto const& one = static_cast<cached const&>(entry);
        striped_lock::changing const alone(lock_of(one.key));
        return one.taken.load(std::memory_order_relaxed) + (one.copies ? one.copies->taken() : 0);
    }

    /// Returns true when this token has changed hands often.
    static bool count_taken(cached& one, std::size_t stripe) noexcept {
        constexpr std::uint8_t often = 32;
        one.taken.fetch_add(1, std::memory_order_relaxed);
        auto const mine = static_cast<std::uint8_t>(stripe);
        if (one.last_stripe.load(std::memory_order_relaxed) == mine) return false;
        one.last_stripe.store(mine, std::memory_order_relaxed);
        if (one.changes.load(std::memory_order_relaxed) >= often) return true;
        one.changes.fetch_add(1, std::memory_order_relaxed);
        return false;
    }

    /// Requires all of the lock's stripes.
    std::unique_ptr<counted_copies> without_copies(cached& one) noexcept {
        one.changes.store(0, std::memory_order_relaxed);
        if (!one.copies) return nullptr;
        with_copies_.fetch_sub(1, std::memory_order_relaxed);
        one.taken.fetch_add(one.copies->taken(), std::memory_order_relaxed);
        return std::move(one.copies);
    }

    striped_lock& lock_of(digest const& key) noexcept { return locks_[core::cache_core::shard_of(key)]; }

    /// To be destroyed without the lock: it may hold the last reference to a supplier, whose destructor is
    /// the user's.
    std::unique_ptr<token_entry> taken_out(cached& one) noexcept STS_REQUIRES(mutex) {
        BOOST_ASSERT(one.is_idle());
        std::unique_ptr<counted_copies> copies;
        striped_lock::changing const alone(lock_of(one.key));
        copies = without_copies(one);
        keys_.remove(one);
        return std::unique_ptr<token_entry>(&one);
    }

    std::unique_ptr<token_entry> evict_one() noexcept STS_REQUIRES(mutex) {
        auto* one = static_cast<cached*>(keys_.first_to_go(base::clock::now(), [](core::cache_key& each) {
            return static_cast<cached&>(each).used.exchange(false, std::memory_order_relaxed);
        }));
        if (one == nullptr) one = static_cast<cached*>(take_from_background());
        if (one == nullptr) return nullptr;
        ++evicted_;
        return taken_out(*one);
    }

    core::cache_core keys_ STS_GUARDED_BY(mutex);
    std::array<striped_lock, core::cache_core::shards> locks_;
    std::atomic<std::size_t> with_copies_ = 0;
    std::uint64_t evicted_ STS_GUARDED_BY(mutex) = 0;
};

} // namespace

class token_cache::handle {
public:
    handle(client const& from, cache_options const& options)
        : many(std::make_shared<many_desk>(client_detail::terms_of(client_detail::access::of(from)),
                                           options)) {
        client_detail::access::of(from)->certificates.add(many);
    }
    handle(handle const&) = delete;
    handle& operator=(handle const&) = delete;
    ~handle() { many->close(); }

    token_desk& desk() const noexcept { return *many; }

    std::shared_ptr<many_desk> const many;
};

namespace {

/// How a caller enters the desk of a cache.
class enter_cache {
public:
    enter_cache(many_desk& desk, digest const& key, exchange_request const& request)
        : desk_(&desk), key_(&key), request_(&request) {}

    void operator()(token_waiter& waiter, token_actions& todo) const noexcept {
        desk_->mutex.assert_held();
        if (desk_->turns_away(waiter, todo)) return; // before an entry is created, which could evict another
        try {
            if (auto* const entry = desk_->entry(*key_, *request_, todo)) {
                desk_->add_waiter(*entry, waiter, todo);
                return;
            }
            waiter.failure = base::failure(
                error_kind::limit, phase::queue,
                "all cache_options::max_keys keys have waiters or are being refreshed: raise max_keys");
        } catch (std::bad_alloc const&) {
            waiter.failure = base::without_memory(phase::none);
        }
        todo.resume.push_back(waiter.caller);
    }

private:
    many_desk* desk_;
    digest const* key_;
    exchange_request const* request_;
};

template <class Outcome, class Handle>
asio::awaitable<Outcome> wait(std::shared_ptr<Handle> self, digest key, exchange_request request,
                              std::optional<std::chrono::nanoseconds> at_most) {
    auto& desk = *self->many;
    enter_cache const enter(desk, key, request);
    auto const patience = at_most.value_or(desk.wait_of(request));
    auto got = co_await await_token<Outcome>(self, patience, enter);
    co_return got;
}

void refresh(many_desk& desk, digest const& key) noexcept {
    token_actions todo;
    base::mutex_lock held(desk.mutex);
    if (auto* const entry = desk.find(key)) desk.refresh(*entry, client_detail::now_on_both_clocks(), todo);
    desk.unlock_and_act(held, todo);
}

/// Without the desk's lock, unless the token is to be refreshed.
token_ptr look(many_desk& desk, digest const& key) noexcept {
    auto seen = desk.look(key);
    if (seen.due) refresh(desk, key);
    if (seen.is_shared) desk.make_copies(key);
    if (seen.request) desk.tell_hit(*seen.request);
    return std::move(seen.token);
}

/// The look is made here, before any coroutine. `at_most` is the request's own limit if it is empty.
template <class Outcome, class Handle>
asio::awaitable<Outcome> get(std::shared_ptr<Handle> const& self, digest const& key,
                             exchange_request&& request, std::optional<std::chrono::nanoseconds> at_most) {
    if (auto hit = look(*self->many, key)) return ready<Outcome>(std::move(hit));
    return wait<Outcome>(self, key, std::move(request), at_most);
}

} // namespace

token_cache::token_cache(client client, cache_options options) {
    values::check_refresh(options.refresh);
    if (options.max_keys < 1) base::refuse("cache_options::max_keys", " must be at least 1");
    if (!options.refresh.sharing.identity.empty())
        base::refuse("store_options::identity",
                     " must be empty for a token_cache, whose requests are of many subjects");
    if (options.max_in_flight < 1) base::refuse("cache_options::max_in_flight", " must be at least 1");
    handle_ = std::make_shared<handle>(client, options);
}

token_cache::key token_cache::key_of(exchange_request const& request) const {
    key made;
    made.digest_ = handle_->many->names.of(base::view(core::request_key(request)));
    return made;
}

std::shared_ptr<token const> token_cache::peek(key const& of) const noexcept {
    return look(*handle_->many, of.digest_);
}

asio::awaitable<token_ptr> token_cache::get(key of, exchange_request request) const {
    return sts::get<token_ptr>(handle_, of.digest_, std::move(request), std::nullopt);
}

asio::awaitable<token_ptr> token_cache::get(key of, exchange_request request,
                                            std::chrono::nanoseconds at_most) const {
    return sts::get<token_ptr>(handle_, of.digest_, std::move(request), at_most);
}

asio::awaitable<result<token_ptr>> token_cache::try_get(key of, exchange_request request) const {
    return sts::get<result<token_ptr>>(handle_, of.digest_, std::move(request), std::nullopt);
}

asio::awaitable<result<token_ptr>> token_cache::try_get(key of, exchange_request request,
                                                        std::chrono::nanoseconds at_most) const {
    return sts::get<result<token_ptr>>(handle_, of.digest_, std::move(request), at_most);
}

asio::awaitable<token_ptr> token_cache::get(exchange_request request) const {
    auto const name = key_of(request);
    return get(name, std::move(request));
}

asio::awaitable<token_ptr> token_cache::get(exchange_request request,
                                            std::chrono::nanoseconds at_most) const {
    auto const name = key_of(request);
    return get(name, std::move(request), at_most);
}

asio::awaitable<result<token_ptr>> token_cache::try_get(exchange_request request) const {
    auto const name = key_of(request);
    return try_get(name, std::move(request));
}

asio::awaitable<result<token_ptr>> token_cache::try_get(exchange_request request,
                                                        std::chrono::nanoseconds at_most) const {
    auto const name = key_of(request);
    return try_get(name, std::move(request), at_most);
}

void token_cache::invalidate(key const& of, token const& refused) const noexcept {
    auto& desk = *handle_->many;
    token_actions todo;
    base::mutex_lock held(desk.mutex);
    if (auto* const entry = desk.find(of.digest_)) desk.invalidate(*entry, refused, todo);
    desk.unlock_and_act(held, todo);
}

void token_cache::erase(key const& of) const noexcept {
    auto& desk = *handle_->many;
    token_actions todo;
    base::mutex_lock held(desk.mutex);
    if (auto* const entry = desk.find(of.digest_)) desk.erase(*entry, todo);
    desk.unlock_and_act(held, todo);
}

cache_stats token_cache::stats() const {
    auto& desk = *handle_->many;
    base::mutex_lock const held(desk.mutex);
    return desk.all();
}

std::optional<token_stats> token_cache::stats(key const& of) const {
    auto& desk = *handle_->many;
    base::mutex_lock const held(desk.mutex);
    auto* const entry = desk.find(of.digest_);
    if (entry == nullptr) return std::nullopt;
    return desk.numbers(*entry);
}

asio::awaitable<void> token_cache::shutdown() const {
    return client_detail::shut_down(handle_, static_cast<token_desk*>(handle_->many.get()));
}

void token_cache::close() const noexcept {
    handle_->many->close();
}

} // namespace equinix::sts
