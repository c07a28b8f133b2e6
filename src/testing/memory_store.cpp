#include <equinix/sts/testing/memory_store.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <map>
#include <mutex>
#include <utility>

namespace equinix::sts::testing {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

using clock = std::chrono::steady_clock;

error_info failure_of(store_fault const& fault) {
    error_info why;
    why.kind = fault.error;
    why.phase = phase::store;
    why.code = make_error_code(fault.error);
    why.message = "a fault of the test's store";
    return why;
}

asio::awaitable<void> wait_for_ever() {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, clock::time_point::max());
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

error_info canceled() {
    return failure_of(store_fault(store_fault::type::refused, error_kind::canceled));
}

} // namespace

struct memory_store::state {
    struct entry {
        std::string bytes;
        std::optional<milliseconds> end;
    };

    milliseconds now() const {
        return std::chrono::floor<milliseconds>(clock::now().time_since_epoch()) + moved;
    }

    /// Drops what has ended.
    void sweep() {
        auto const time = now();
        auto const over = [time](auto const& one) { return one.second.end && *one.second.end <= time; };
        std::erase_if(records, over);
        std::erase_if(leases, over);
    }

    stored_record find(std::string const& name) {
        stored_record found;
        found.time = now();
        auto const at = records.find(name);
        if (at == records.end()) return found;
        found.bytes = at->second.bytes;
        if (at->second.end) found.left = *at->second.end - found.time;
        return found;
    }

    bool holds(std::string const& name, std::string const& owner) const {
        auto const at = leases.find(name);
        return at != leases.end() && at->second.bytes == owner;
    }

    /// Counts a command and returns its fault, if it has one.
    std::optional<store_fault> fault(std::string_view command, std::string const& name) {
        fault_of ask;
        {
            std::scoped_lock const held(mutex);
            ++commands;
            ask = decide;
        }
        return ask ? ask(command, name) : std::nullopt;
    }

    mutable std::mutex mutex;
    milliseconds moved{};
    std::map<std::string, entry> records, leases; // a lease's bytes are its owner
    fault_of decide;
    std::size_t commands = 0;
};

namespace {

/// Executes a command, unless its fault prevents it.
template <class T, class State, class Command>
asio::awaitable<result<T>> execute(std::shared_ptr<State> self, std::optional<store_fault> fault,
                                   Command command) {
    if (fault && fault->what == store_fault::type::silent) {
        co_await wait_for_ever();
        co_return canceled();
    }
    if (fault && fault->what == store_fault::type::refused) co_return failure_of(*fault);
    result<T> done = [&] {
        std::scoped_lock const held(self->mutex);
        self->sweep();
        return command(*self);
    }();
    if (fault) co_return failure_of(*fault);
    co_return done;
}

} // namespace

memory_store::memory_store() : state_(std::make_shared<state>()) {}

memory_store::~memory_store() = default;

asio::awaitable<result<stored_record>> memory_store::look(std::string name, store_bounds) {
    auto const fault = state_->fault("look", name);
    return execute<stored_record>(state_, fault, [name](state& on) { return on.find(name); });
}

asio::awaitable<result<bool>> memory_store::swap(std::string name, std::optional<std::string> expected,
                                                 std::optional<std::string> desired, milliseconds life,
                                                 store_bounds) {
    auto const fault = state_->fault("swap", name);
    return execute<bool>(state_, fault, [=](state& on) {
        auto const there = on.find(name).bytes;
        if (there == desired) return true; // it was done before
        if (there != expected) return false;
        if (desired)
            on.records[name] = {*desired, on.now() + life};
        else
            on.records.erase(name);
        return true;
    });
}

asio::awaitable<result<store_lease>> memory_store::acquire(std::string name, std::string owner,
                                                           milliseconds life, store_bounds) {
    auto const fault = state_->fault("acquire", name);
    return execute<store_lease>(state_, fault, [=](state& on) {
        store_lease got;
        got.now = on.find(name);
        auto const at = on.leases.find(name);
        got.won = at == on.leases.end() || at->second.bytes == owner;
        if (got.won) {
            on.leases[name] = {owner, on.now() + life};
        } else {
            got.left = *at->second.end - on.now();
            got.holder = at->second.bytes;
        }
        return got;
    });
}

asio::awaitable<result<bool>> memory_store::renew(std::string name, std::string owner, milliseconds life,
                                                  store_bounds) {
    auto const fault = state_->fault("renew", name);
    return execute<bool>(state_, fault, [=](state& on) {
        if (!on.holds(name, owner)) return false;
        on.leases[name].end = on.now() + life;
        return true;
    });
}

asio::awaitable<result<bool>> memory_store::release(std::string name, std::string owner, store_bounds) {
    auto const fault = state_->fault("release", name);
    return execute<bool>(state_, fault,
                         [=](state& on) { return on.holds(name, owner) && on.leases.erase(name) == 1; });
}

std::string memory_store::describe() const {
    return "memory";
}

void memory_store::faults(fault_of decide) {
    std::scoped_lock const held(state_->mutex);
    state_->decide = std::move(decide);
}

void memory_store::advance(milliseconds by) {
    std::scoped_lock const held(state_->mutex);
    state_->moved += by;
}

void memory_store::put(std::string const& name, std::string bytes, std::optional<milliseconds> left) {
    std::scoped_lock const held(state_->mutex);
    state::entry made{std::move(bytes), std::nullopt};
    if (left) made.end = state_->now() + *left;
    state_->records[name] = std::move(made);
}

void memory_store::clear() {
    std::scoped_lock const held(state_->mutex);
    state_->records.clear();
    state_->leases.clear();
}

std::vector<std::string> memory_store::names() const {
    std::scoped_lock const held(state_->mutex);
    state_->sweep();
    std::vector<std::string> all;
    for (auto const& one : state_->records)
        all.push_back(one.first);
    return all;
}

stored_record memory_store::find(std::string const& name) const {
    std::scoped_lock const held(state_->mutex);
    state_->sweep();
    return state_->find(name);
}

std::size_t memory_store::leases() const {
    std::scoped_lock const held(state_->mutex);
    state_->sweep();
    return state_->leases.size();
}

std::size_t memory_store::commands() const {
    std::scoped_lock const held(state_->mutex);
    return state_->commands;
}

} // namespace equinix::sts::testing
