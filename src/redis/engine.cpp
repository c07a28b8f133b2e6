#include "redis/engine.hpp"

#include "base/failure.hpp"
#include "redis/words.hpp"
#include "stores/answer_wait.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace equinix::sts::redis_detail {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

namespace {

constexpr std::string_view key_prefix = "equinix-sts:";
constexpr int most_redirections = 6;
constexpr auto between_tries = milliseconds(10);

/// A host and port, as in `127.0.0.1:6379` or `[::1]:6379`; the host is empty if it is the sender's.
std::optional<redis_host> host_of(std::string_view text) {
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto name = text.substr(0, colon);
    auto const digits = text.substr(colon + 1);
    if (name.size() > 2 && name.front() == '[') name = name.substr(1, name.size() - 2);
    redis_host made;
    auto const* const begin = digits.data();
    auto const* const end = begin + digits.size();
    if (digits.empty() || std::from_chars(begin, end, made.port).ptr != end || made.port == 0)
        return std::nullopt;
    made.name = name;
    return made;
}

/// The host in `MOVED 3999 127.0.0.1:6381` and `ASK 3999 127.0.0.1:6381`.
std::optional<redis_host> redirected(reply const& told, redis_host const& by) {
    auto const last = told.text.rfind(' ');
    if (last == std::string::npos) return std::nullopt;
    auto to = host_of(std::string_view(told.text).substr(last + 1));
    if (to && to->name.empty()) to->name = by.name;
    return to;
}

/// Asks the sentinels, one after another, for the master.
asio::awaitable<redis_host> find_master(std::shared_ptr<connecting> shared, std::vector<redis_host> sentinels,
                                        std::string service, login as, time_point deadline) {
    std::optional<error_info> last;
    auto others = static_cast<long>(sentinels.size());
    for (auto const& one : sentinels) {
        // The later ones, and the master, need time too.
        store_bounds within;
        within.connect =
            std::max<std::chrono::nanoseconds>((deadline - clock::now()) / (others + 1), milliseconds(1));
        within.command = within.connect;
        --others;
        auto const sentinel = std::make_shared<connection>(shared, connection::at({one}), std::string(), as);
        std::vector<std::string> command = {"SENTINEL", "get-master-addr-by-name", service};
        auto const got = co_await sentinel->ask(std::move(command), within);
        sentinel->drop();
        if (got.has_error()) {
            last = base::copy_of(got.error());
            continue;
        }
        if (got->is_error()) {
            last = described(*got);
            continue;
        }
        last = base::failure(error_kind::config, phase::store,
                             "no sentinel watches a master of this name: correct redis_options::service");
        if (got->is != reply::type::array || got->elements.size() != 2) continue;
        auto const master = host_of(got->elements[0].text + ":" + got->elements[1].text);
        if (master && !master->name.empty()) co_return *master;
    }
    throw error(std::move(*last));
}

error_info failure_of(std::exception_ptr const& thrown) noexcept try {
    std::rethrow_exception(thrown);
} catch (error const& known) {
    return base::copy_of(known.info());
} catch (...) {
    return base::without_memory(phase::store);
}

} // namespace

std::uint16_t slot_of(std::string_view tag) noexcept {
    std::uint16_t crc = 0; // CRC-16/XMODEM, as the cluster's specification has it
    for (char const c : tag) {
        crc = static_cast<std::uint16_t>(crc ^ static_cast<unsigned char>(c) << 8U);
        for (int bit = 0; bit < 8; ++bit)
            crc = static_cast<std::uint16_t>((crc & 0x8000U) != 0 ? crc << 1U ^ 0x1021U : crc << 1U);
    }
    return crc % 16384;
}

/// The connections, and which of them serves a slot. On the strand only.
struct engine::nodes {
    nodes(asio::any_io_executor const& executor, redis_options const& how)
        : options(how), shared(std::make_shared<connecting>(
                            asio::make_strand(executor),
                            how.tls ? std::make_shared<net::tls_context const>(*how.tls) : nullptr)) {}

    login log_in() const {
        login made;
        made.user = options.user;
        made.password = options.password;
        made.database = options.database;
        made.must_be_master = options.topology == redis_topology::sentinel;
        return made;
    }

    std::shared_ptr<connection> connect(connection::finder where) const {
        return std::make_shared<connection>(shared, std::move(where), options.unix_socket, log_in());
    }

    /// The one connection of a server, or of the master.
    std::shared_ptr<connection> single() {
        if (one) return one;
        if (options.topology == redis_topology::sentinel) {
            login as;
            as.user = options.sentinel_user;
            as.password = options.sentinel_password;
            one = connect([as, sentinels = options.hosts, service = options.service,
                           with = shared](time_point deadline) {
                return find_master(with, sentinels, service, as, deadline);
            });
        } else {
            one = connect(options.hosts.empty() ? connection::finder() : connection::at(options.hosts));
        }
        return one;
    }

    std::shared_ptr<connection> node(redis_host const& host) {
        auto& known = by_host[{host.name, host.port}];
        if (!known) known = connect(connection::at({host}));
        return known;
    }

    redis_host host_for(std::uint16_t slot) const {
        auto const known = by_slot.find(slot);
        return known != by_slot.end() ? known->second : options.hosts[seed % options.hosts.size()];
    }

    /// Another node may serve the slot by now.
    void forget(std::uint16_t slot) {
        by_slot.erase(slot);
        ++seed;
    }

    static asio::awaitable<result<reply>> execute(std::shared_ptr<nodes> self,
                                                  std::vector<std::string> command, store_bounds within);
    static asio::awaitable<result<reply>> execute(std::shared_ptr<nodes> self, script const* what,
                                                  std::string name, std::vector<std::string> arguments,
                                                  store_bounds within);

    static std::vector<std::string> command_of(script const& what, bool whole, std::string const& name,
                                               std::vector<std::string> const& arguments) {
        auto const key = std::string(key_prefix) + "{" + name + "}";
        std::vector<std::string> command = {whole ? "EVAL" : "EVALSHA", whole ? what.body() : what.name(),
                                            what.uses_record() && what.uses_lease() ? "2" : "1"};
        if (what.uses_record()) command.push_back(key);
        if (what.uses_lease()) command.push_back(key + ":lease");
        command.insert(command.end(), arguments.begin(), arguments.end());
        return command;
    }

    redis_options const options;
    std::shared_ptr<connecting> const shared;
    std::shared_ptr<connection> one;
    std::map<std::pair<std::string, std::uint16_t>, std::shared_ptr<connection>> by_host;
    std::map<std::uint16_t, redis_host> by_slot;
    std::size_t seed = 0; ///< which host of the options is asked first
};

/// One command for one server.
asio::awaitable<result<reply>> engine::nodes::execute(std::shared_ptr<nodes> self,
                                                      std::vector<std::string> command, store_bounds within) {
    bool const cluster = self->options.topology == redis_topology::cluster;
    auto const on = cluster ? self->node(self->host_for(0)) : self->single();
    auto got = co_await on->ask(std::move(command), within);
    co_return got;
}

/// A script, on the server that has its keys.
asio::awaitable<result<reply>> engine::nodes::execute(std::shared_ptr<nodes> self, script const* what,
                                                      std::string name, std::vector<std::string> arguments,
                                                      store_bounds within) {
    bool const cluster = self->options.topology == redis_topology::cluster;
    auto const slot = slot_of(name);
    auto const give_up = clock::now() + within.connect + within.command;
    bool whole = false, asking = false, anew = false;
    std::optional<redis_host> at;
    for (int i = 0;; ++i) {
        auto const host = at ? *at : cluster ? self->host_for(slot) : redis_host();
        auto const on = cluster ? self->node(host) : self->single();
        auto command = command_of(*what, whole, name, arguments);
        auto got = co_await on->ask(std::move(command), within, asking);
        if (got.has_error() && cluster) self->forget(slot);
        if (got.has_error() || !got->is_error() || i == most_redirections || clock::now() >= give_up)
            co_return got;
        auto const code = got->error_code();
        if (code == "CLUSTERDOWN") self->forget(slot);
        if (code == "NOSCRIPT" && !whole) {
            whole = true; // at the same node, which may have to be asked in the same way
        } else if (cluster && (code == "MOVED" || code == "ASK")) {
            auto to = redirected(*got, host);
            if (!to) co_return got;
            asking = code == "ASK";
            if (!asking) self->by_slot[slot] = *to;
            at = std::move(to);
            whole = false;
        } else if (code == "TRYAGAIN") {
            asio::steady_timer pause(self->shared->on, between_tries);
            co_await pause.async_wait(asio::use_awaitable);
        } else {
            bool const stale = code == "READONLY" || code == "MASTERDOWN";
            if (stale) on->drop(); // another is the master now
            if (!stale || anew || self->options.topology != redis_topology::sentinel) co_return got;
            anew = true;
        }
    }
}

std::shared_ptr<engine> engine::make(asio::any_io_executor const& executor, redis_options options) {
    auto made = std::make_shared<engine>(executor, std::move(options));
    made->homes_->add(*made);
    return made;
}

engine::engine(asio::any_io_executor const& executor, redis_options options)
    : options_(std::move(options)), homes_(client_detail::context_registry::of(executor)),
      nodes_(std::make_shared<nodes>(executor, options_)) {}

engine::~engine() {
    base::mutex_lock const held(mutex_);
    if (!nodes_) return;
    client_detail::context_homes::use const last(*homes_, *this);
    nodes_.reset();
}

void engine::context_gone() noexcept {
    std::shared_ptr<nodes> all;
    base::mutex_lock const held(mutex_);
    all.swap(nodes_);
}

std::shared_ptr<engine::nodes> engine::all() {
    base::mutex_lock const held(mutex_);
    return nodes_;
}

asio::awaitable<result<reply>> engine::run(script const& what, std::string name,
                                           std::vector<std::string> arguments, store_bounds within) {
    auto begin = [&what, name = std::move(name), arguments = std::move(arguments),
                  within](std::shared_ptr<nodes> const& on) {
        return nodes::execute(on, &what, name, arguments, within);
    };
    return on_strand(self(), std::move(begin), within);
}

asio::awaitable<result<reply>> engine::run(std::vector<std::string> command, store_bounds within) {
    auto begin = [command = std::move(command), within](std::shared_ptr<nodes> const& on) {
        return nodes::execute(on, command, within);
    };
    return on_strand(self(), std::move(begin), within);
}

/// Spawns a command on the strand of the connections, and waits on the caller's own executor.
asio::awaitable<result<reply>> engine::on_strand(std::shared_ptr<engine> self, starter begin,
                                                 store_bounds within) {
    auto const executor = co_await asio::this_coro::executor;
    // The command keeps its own bounds; this one is for a context that nobody runs.
    stores_detail::answer_wait<result<reply>> waits(executor, 2 * (within.connect + within.command));
    {
        client_detail::context_homes::use const context(*self->homes_);
        auto const on = context ? self->all() : nullptr;
        if (!on)
            co_return base::failure(error_kind::canceled, phase::store,
                                    "the execution context of the token store no longer exists");
        asio::co_spawn(on->shared->on, begin(on),
                       [pending = waits.pending()](std::exception_ptr thrown, result<reply> got) {
                           if (thrown) got = failure_of(thrown);
                           pending->deliver(std::make_shared<result<reply> const>(std::move(got)));
                       });
    }
    auto const came = co_await waits.get();
    if (came) co_return *came;
    co_return base::failure(waits.canceled() ? error_kind::canceled : error_kind::timeout, phase::store,
                            "the token store did not reply in time");
}

} // namespace equinix::sts::redis_detail
