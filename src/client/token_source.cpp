#include "base/failure.hpp"
#include "client/await_token.hpp"
#include "client/clocks.hpp"
#include "client/function_flight.hpp"
#include "client/striped_token.hpp"
#include "values/check_refresh.hpp"

#include <equinix/sts/token_source.hpp>

#include <functional>

namespace equinix::sts {

namespace asio = boost::asio;
using client_detail::await_token;
using client_detail::ready;
using client_detail::token_actions;
using client_detail::token_desk;
using client_detail::token_entry;
using client_detail::token_ptr;
using client_detail::token_waiter;

namespace {

/// A desk with one entry.
class single_desk final : public token_desk {
public:
    single_desk(client_detail::desk_terms terms, exchange_request request, token_function function,
                refresh_options const& options)
        : token_desk(std::move(terms), options, std::size_t(-1)), entry(std::move(request)),
          function_(function ? std::make_shared<token_function const>(std::move(function)) : nullptr) {
        join_context();
    }
    ~single_desk() override { leave_context(); }

    void hold(token_ptr fixed) noexcept STS_EXCLUDES(mutex) {
        base::mutex_lock const held(mutex);
        adopt(entry, std::move(fixed));
    }

    token_entry entry;
    client_detail::striped_token window;

private:
    std::shared_ptr<client_detail::token_flight> flight_for(token_entry& whose) override STS_REQUIRES(mutex) {
        if (!function_) return token_desk::flight_for(whose);
        return std::make_shared<client_detail::function_flight>(shared_from_this(), whose, executor_,
                                                                function_);
    }
    void forget_all() noexcept STS_REQUIRES(mutex) override { forget(entry); }
    void rekey_all(token_actions& todo) noexcept STS_REQUIRES(mutex) override { rekey(entry, todo); }
    token_entry* kept_fresh() noexcept STS_REQUIRES(mutex) override { return &entry; }
    void show(token_entry&, bool used) noexcept STS_REQUIRES(mutex) override {
        window.set(entry.held, entry.fsm.served_until(), entry.fsm.due_at(), used);
    }
    void show_due(token_entry&, time_stamp due) noexcept STS_REQUIRES(mutex) override { window.set_due(due); }
    void count_hit(token_entry&) noexcept STS_REQUIRES(mutex) override { ++hits_; }
    std::uint64_t hits_of(token_entry const&) noexcept STS_REQUIRES(mutex) override {
        return hits_ + window.hits();
    }
    bool was_used() noexcept STS_REQUIRES(mutex) override { return window.was_used(); }

    std::shared_ptr<token_function const> const function_; ///< null: a client makes exchanges
    std::uint64_t hits_ STS_GUARDED_BY(mutex) = 0;         ///< of callers that took the lock
};

} // namespace

class token_source::handle {
public:
    handle(client const& from, exchange_request request, refresh_options const& options)
        : handle(client_detail::terms_of(client_detail::access::of(from)), std::move(request), {}, options) {
        client_detail::access::of(from)->certificates.add(one);
    }
    handle(client_detail::desk_terms terms, exchange_request request, token_function function,
           refresh_options const& options)
        : one(std::make_shared<single_desk>(std::move(terms), std::move(request), std::move(function),
                                            options)),
          patience(one->wait_of(one->entry.request)) {}
    handle(handle const&) = delete;
    handle& operator=(handle const&) = delete;
    ~handle() { one->close(); }

    token_desk& desk() const noexcept { return *one; }

    std::shared_ptr<token const> look() const noexcept {
        auto seen = one->window.look();
        if (seen.due) refresh();
        if (seen.token && one->is_observed()) one->tell_hit(one->entry.request);
        return std::move(seen.token);
    }

    std::shared_ptr<single_desk> const one;
    std::chrono::nanoseconds const patience;

private:
    void refresh() const noexcept {
        token_actions todo;
        base::mutex_lock held(one->mutex);
        one->refresh(one->entry, client_detail::now_on_both_clocks(), todo);
        one->unlock_and_act(held, todo);
    }
};

namespace {

asio::awaitable<token> copy_of(token_ptr value) {
    co_return *value;
}

/// How a caller enters a source's desk.
class enter_source {
public:
    explicit enter_source(single_desk& desk) : desk_(&desk) {}
    void operator()(token_waiter& waiter, token_actions& todo) const noexcept {
        desk_->mutex.assert_held();
        desk_->add_waiter(desk_->entry, waiter, todo);
    }

private:
    single_desk* desk_;
};

/// The look is made here, before any coroutine: a hit then needs neither a reference count of the source,
/// which all threads would share, nor more than the one frame that Asio has cached.
template <class Outcome, class Handle>
asio::awaitable<Outcome> get(std::shared_ptr<Handle> const& self, std::chrono::nanoseconds at_most) {
    if (auto hit = self->look()) return ready<Outcome>(std::move(hit));
    return await_token<Outcome>(self, at_most, enter_source(*self->one));
}

asio::awaitable<void> discard(asio::awaitable<token_ptr> wait) {
    auto const got = co_await std::move(wait);
}

} // namespace

token_source::token_source(client client, exchange_request request, refresh_options options) {
    values::check_refresh(options);
    if (options.sharing.store && request.supplier() && options.sharing.identity.empty())
        base::refuse("store_options::identity",
                     " is needed for a request with a supplier: a name for the one principal whose subject "
                     "tokens it supplies");
    handle_ = std::make_shared<handle>(client, std::move(request), options);
}

token_source::token_source(asio::any_io_executor executor, token_function function, refresh_options options) {
    values::check_refresh(options);
    if (!function) base::refuse("token_source", ": the function is empty");
    if (options.sharing.store)
        base::refuse("store_options::store", " needs a client: the tokens of a function are not shared");
    client_detail::desk_terms terms;
    terms.executor = std::move(executor);
    terms.timeout = client_options().timeout;
    handle_ = std::make_shared<handle>(std::move(terms), exchange_request::client_credentials(),
                                       std::move(function), options);
}

token_source token_source::fixed(asio::any_io_executor executor, token value) {
    refresh_options forever;
    forever.assumed_lifetime = forever.max_lifetime = std::chrono::hours(24) * 365 * 100;
    auto const wrong = client_detail::complete(value, client_detail::now_on_both_clocks());
    if (!wrong.empty()) base::refuse("token_source::fixed", ": the access_token " + std::string(wrong));
    auto const same = std::make_shared<token const>(std::move(value));
    token_source made(std::move(executor), std::bind_front(copy_of, same), forever);
    made.handle_->one->hold(same);
    return made;
}

token_source token_source::from_environment(asio::any_io_executor executor) {
    return token_source(client(std::move(executor), client_options::from_environment()),
                        exchange_request::from_environment());
}

std::shared_ptr<token const> token_source::peek() const noexcept {
    return handle_->look();
}

asio::awaitable<std::shared_ptr<token const>> token_source::get() const {
    return sts::get<token_ptr>(handle_, handle_->patience);
}

asio::awaitable<std::shared_ptr<token const>> token_source::get(std::chrono::nanoseconds at_most) const {
    return sts::get<token_ptr>(handle_, at_most);
}

asio::awaitable<result<std::shared_ptr<token const>>> token_source::try_get() const {
    return sts::get<result<std::shared_ptr<token const>>>(handle_, handle_->patience);
}

asio::awaitable<result<std::shared_ptr<token const>>>
token_source::try_get(std::chrono::nanoseconds at_most) const {
    return sts::get<result<std::shared_ptr<token const>>>(handle_, at_most);
}

asio::awaitable<void> token_source::warm_up() const {
    return discard(sts::get<token_ptr>(handle_, handle_->patience));
}

void token_source::invalidate(token const& refused) const noexcept {
    auto& desk = *handle_->one;
    token_actions todo;
    base::mutex_lock held(desk.mutex);
    desk.invalidate(desk.entry, refused, todo);
    desk.unlock_and_act(held, todo);
}

token_stats token_source::stats() const {
    auto& desk = *handle_->one;
    base::mutex_lock const held(desk.mutex);
    return desk.numbers(desk.entry);
}

asio::awaitable<void> token_source::shutdown() const {
    return client_detail::shut_down(handle_, static_cast<token_desk*>(handle_->one.get()));
}

void token_source::close() const noexcept {
    handle_->one->close();
}

} // namespace equinix::sts
