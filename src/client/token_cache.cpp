#include "base/failure.hpp"
#include "base/keyed_digest.hpp"
#include "client/await_token.hpp"
#include "core/cache_core.hpp"
#include "core/request_key.hpp"
#include "values/check_refresh.hpp"

#include <equinix/sts/token_cache.hpp>

namespace equinix::sts {

namespace asio = boost::asio;
using client_detail::await_token;
using client_detail::ready;
using client_detail::token_actions;
using client_detail::token_desk;
using client_detail::token_entry;
using client_detail::token_ptr;
using client_detail::token_waiter;
using digest = base::keyed_digest::value;

namespace {

struct cached final : token_entry, core::cache_key {
    cached(digest const& name, exchange_request what) : token_entry(std::move(what)), cache_key(name) {}
};

/// A desk with an entry for each key.
class many_desk final : public token_desk {
public:
    many_desk(std::shared_ptr<client_detail::access::handle> client, cache_options const& options)
        : token_desk(std::move(client), options.refresh, options.max_in_flight), keys_(options.max_keys) {
        join_context();
    }
    ~many_desk() override {
        leave_context();
        keys_.clear([](core::cache_key* one) { delete static_cast<cached*>(one); });
    }

    cached* find(digest const& key) noexcept STS_REQUIRES(mutex) {
        return static_cast<cached*>(keys_.find(key));
    }

    /// Returns the entry of a key, creating it if needed; null when all others have waiters. Throws.
    cached* entry(digest const& key, exchange_request const& request, token_actions& todo)
        STS_REQUIRES(mutex) {
        if (auto* const known = find(key)) return known;
        if (keys_.is_full()) {
            todo.evicted = evict_one();
            if (!todo.evicted) return nullptr;
        }
        keys_.reserve();
        auto* const made = std::make_unique<cached>(key, request).release();
        keys_.add(*made);
        idle(*made);
        return made;
    }

    void used(cached& one) noexcept STS_REQUIRES(mutex) { keys_.used(one); }

    /// Erases the entry with its token, unless it has waiters.
    void erase(cached& one, token_actions& todo) noexcept STS_REQUIRES(mutex) {
        if (!one.waiters.empty()) return;
        erase_token(one, todo);
        if (one.is_idle()) todo.evicted = taken_out(one);
    }

    cache_stats all() const STS_REQUIRES(mutex) {
        cache_stats out;
        out.keys = keys_.size();
        out.evicted = evicted_;
        out.tokens = totals();
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
        keys_.for_each([](core::cache_key& one) {
            auto& entry = static_cast<cached&>(one);
            entry.held.reset();
            entry.fsm.forget();
        });
    }

    /// To be destroyed without the lock: it may hold the last reference to a supplier, whose destructor is
    /// the user's.
    std::unique_ptr<token_entry> taken_out(cached& one) noexcept STS_REQUIRES(mutex) {
        BOOST_ASSERT(one.is_idle());
        keys_.remove(one);
        return std::unique_ptr<token_entry>(&one);
    }

    std::unique_ptr<token_entry> evict_one() noexcept STS_REQUIRES(mutex) {
        auto* one = static_cast<cached*>(keys_.first_to_go(base::clock::now()));
        if (one == nullptr) one = static_cast<cached*>(take_from_background());
        if (one == nullptr) return nullptr;
        ++evicted_;
        return taken_out(*one);
    }

    core::cache_core keys_ STS_GUARDED_BY(mutex);
    std::uint64_t evicted_ STS_GUARDED_BY(mutex) = 0;
};

} // namespace

class token_cache::handle {
public:
    handle(client const& from, cache_options const& options)
        : many(std::make_shared<many_desk>(client_detail::access::of(from), options)) {}
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
                desk_->used(*entry);
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
asio::awaitable<Outcome> wait(std::shared_ptr<Handle> self, digest key, exchange_request request) {
    auto& desk = *self->many;
    enter_cache const enter(desk, key, request);
    auto got = co_await await_token<Outcome>(self, desk.wait_of(request), enter);
    co_return got;
}

token_ptr look(many_desk& desk, digest const& key) noexcept {
    token_ptr seen;
    token_actions todo;
    base::mutex_lock held(desk.mutex);
    if (auto* const entry = desk.find(key)) {
        seen = desk.look(*entry, todo);
        if (seen) desk.used(*entry);
    }
    desk.unlock_and_act(held, todo);
    return seen;
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
    if (auto hit = look(*handle_->many, of.digest_)) return ready<token_ptr>(std::move(hit));
    return wait<token_ptr>(handle_, of.digest_, std::move(request));
}

asio::awaitable<result<token_ptr>> token_cache::try_get(key of, exchange_request request) const {
    if (auto hit = look(*handle_->many, of.digest_)) return ready<result<token_ptr>>(std::move(hit));
    return wait<result<token_ptr>>(handle_, of.digest_, std::move(request));
}

asio::awaitable<token_ptr> token_cache::get(exchange_request request) const {
    auto const name = key_of(request);
    return get(name, std::move(request));
}

asio::awaitable<result<token_ptr>> token_cache::try_get(exchange_request request) const {
    auto const name = key_of(request);
    return try_get(name, std::move(request));
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
    auto const* const entry = desk.find(of.digest_);
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
