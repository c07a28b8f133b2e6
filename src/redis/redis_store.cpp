#include "base/failure.hpp"
#include "redis/check_options.hpp"
#include "redis/engine.hpp"
#include "redis/words.hpp"

#include <equinix/sts/redis_store.hpp>

#include <charconv>
#include <string_view>
#include <utility>

namespace equinix::sts {

namespace asio = boost::asio;
using redis_detail::reply;
using redis_detail::scripts;
using std::chrono::milliseconds;

namespace {

error_info unexpected() {
    return base::failure(error_kind::protocol, phase::store, "the token store sent an unexpected reply");
}

bool is_integer(reply const& one) noexcept {
    return one.is == reply::type::integer;
}

/// The record, its remaining life and the store's time: what begins at this element.
std::optional<stored_record> record_at(std::vector<reply> const& all, std::size_t at) {
    if (all.size() != at + 3 || !is_integer(all[at]) || !is_integer(all[at + 1])) return std::nullopt;
    constexpr long long latest = 1LL << 52U; // so that no sum overflows
    if (all[at + 1].integer < 0 || all[at + 1].integer > latest) return std::nullopt;
    stored_record found;
    found.time = milliseconds(all[at + 1].integer);
    if (all[at + 2].is == reply::type::text) {
        found.bytes = all[at + 2].text;
        if (all[at].integer >= 0) found.left = milliseconds(all[at].integer);
    }
    return found;
}

result<stored_record> looked(reply const& got) {
    if (got.is_error()) return redis_detail::described(got);
    auto found = record_at(got.elements, 0);
    if (!found) return unexpected();
    return std::move(*found);
}

result<store_lease> acquired(reply const& got) {
    if (got.is_error()) return redis_detail::described(got);
    auto found = record_at(got.elements, 3);
    if (!found || !is_integer(got.elements[0]) || !is_integer(got.elements[1])) return unexpected();
    store_lease out;
    out.won = got.elements[0].integer == 1;
    out.left = milliseconds(got.elements[1].integer);
    out.holder = got.elements[2].text; // empty if there is none
    out.now = std::move(*found);
    return out;
}

result<bool> answered(reply const& got) {
    if (got.is_error()) return redis_detail::described(got);
    if (!is_integer(got)) return unexpected();
    return got.integer == 1;
}

template <class T>
asio::awaitable<result<T>> read(asio::awaitable<result<reply>> command, result<T> (*how)(reply const&)) {
    auto const got = co_await std::move(command);
    if (got.has_error()) co_return got.error();
    co_return how(*got);
}

std::string text_of(milliseconds span) {
    return std::to_string(span.count());
}

class in_redis final : public token_store {
public:
    in_redis(asio::any_io_executor const& executor, redis_options options)
        : engine_(redis_detail::engine::make(executor, std::move(options))) {}

    asio::awaitable<result<stored_record>> look(std::string name, store_bounds within) override {
        return read(engine_->run(scripts::all().look, std::move(name), {}, within), looked);
    }

    asio::awaitable<result<bool>> swap(std::string name, std::optional<std::string> expected,
                                       std::optional<std::string> desired, milliseconds life,
                                       store_bounds within) override {
        std::vector<std::string> arguments = {expected ? "1" : "0", expected.value_or(""),
                                              desired ? "1" : "0", desired.value_or(""), text_of(life)};
        return read(engine_->run(scripts::all().swap, std::move(name), std::move(arguments), within),
                    answered);
    }

    asio::awaitable<result<store_lease>> acquire(std::string name, std::string owner, milliseconds life,
                                                 store_bounds within) override {
        return read(
            engine_->run(scripts::all().acquire, std::move(name), {std::move(owner), text_of(life)}, within),
            acquired);
    }

    asio::awaitable<result<bool>> renew(std::string name, std::string owner, milliseconds life,
                                        store_bounds within) override {
        return read(
            engine_->run(scripts::all().renew, std::move(name), {std::move(owner), text_of(life)}, within),
            answered);
    }

    asio::awaitable<result<bool>> release(std::string name, std::string owner, store_bounds within) override {
        return read(engine_->run(scripts::all().release, std::move(name), {std::move(owner)}, within),
                    answered);
    }

    std::string describe() const override {
        auto const& options = engine_->options();
        if (!options.unix_socket.empty()) return "Redis at " + options.unix_socket;
        std::string out = options.topology == redis_topology::sentinel
                              ? "Redis, master " + options.service + " of"
                          : options.topology == redis_topology::cluster ? "Redis cluster at"
                                                                        : "Redis at";
        for (auto const& one : options.hosts)
            out += " " + one.name + ":" + std::to_string(one.port);
        return out;
    }

    std::shared_ptr<redis_detail::engine> const& engine() const noexcept { return engine_; }

private:
    std::shared_ptr<redis_detail::engine> const engine_;
};

/// The value of a line such as `role:master`; empty if there is none.
std::string value_of(std::string_view info, std::string_view name) {
    for (auto rest = info; !rest.empty();) {
        auto const end = rest.find('\n');
        auto line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ':')
            return std::string(line.substr(name.size() + 1));
    }
    return {};
}

std::uint64_t number_in(std::string const& digits) {
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

} // namespace

asio::awaitable<result<redis_facts>> redis_facts_of(std::shared_ptr<token_store> store, store_bounds within) {
    auto const known = std::dynamic_pointer_cast<in_redis>(store);
    if (!known)
        co_return base::failure(error_kind::config, phase::store, "the token store is not one in Redis");
    std::vector<std::string> command = {"INFO"};
    auto const got = co_await known->engine()->run(std::move(command), within);
    if (got.has_error()) co_return got.error();
    if (got->is_error()) co_return redis_detail::described(*got);
    if (got->is != reply::type::text) co_return unexpected();
    redis_facts facts;
    facts.version = value_of(got->text, "valkey_version");
    facts.software = facts.version.empty() ? "redis" : "valkey";
    if (facts.version.empty()) facts.version = value_of(got->text, "redis_version");
    facts.role = value_of(got->text, "role");
    facts.eviction_policy = value_of(got->text, "maxmemory_policy");
    facts.max_memory = number_in(value_of(got->text, "maxmemory"));
    facts.used_memory = number_in(value_of(got->text, "used_memory"));
    co_return facts;
}

std::shared_ptr<token_store> redis_store(asio::any_io_executor executor, redis_options options) {
    if (!executor) base::refuse("redis_store: the executor is empty");
    redis_detail::check_options(options);
    return std::make_shared<in_redis>(executor, std::move(options));
}

} // namespace equinix::sts
