#include "fleet/shared_store.hpp"

#include <utility>

namespace fleet {

using std::chrono::milliseconds;

namespace {

constexpr auto time_before = 24h; // of the store's clock, when the run begins

} // namespace

shared_store::entry& shared_store::at(std::string const& name, instant now) {
    auto& one = all_[name];
    if (one.now && one.now->end <= now) one.now.reset();
    if (one.leased && one.leased->end <= now) one.leased.reset();
    return one;
}

equinix::sts::stored_record shared_store::look(std::string const& name, instant now) {
    auto const& one = at(name, now);
    equinix::sts::stored_record found;
    found.time = std::chrono::floor<milliseconds>(now + time_before);
    if (one.now) {
        found.bytes = one.now->bytes;
        found.left = std::chrono::floor<milliseconds>(one.now->end - now);
    }
    return found;
}

equinix::sts::store_lease shared_store::acquire(std::string const& name, std::string const& owner,
                                                nanoseconds life, instant now) {
    auto& one = at(name, now);
    equinix::sts::store_lease got;
    got.now = look(name, now);
    got.won = !one.leased || one.leased->owner == owner;
    if (got.won) {
        one.leased = lease{owner, now + life};
    } else {
        got.left = std::chrono::floor<milliseconds>(one.leased->end - now);
        got.holder = one.leased->owner;
    }
    return got;
}

bool shared_store::renew(std::string const& name, std::string const& owner, nanoseconds life, instant now) {
    auto& held = at(name, now).leased;
    bool const is_its = held && held->owner == owner;
    if (is_its) held->end = now + life;
    return is_its;
}

bool shared_store::release(std::string const& name, std::string const& owner, instant now) {
    auto& held = at(name, now).leased;
    bool const was_its = held && held->owner == owner;
    if (was_its) held.reset();
    return was_its;
}

bool shared_store::swap(std::string const& name, std::optional<std::string> const& expected,
                        std::optional<std::string> const& desired, nanoseconds life, instant now) {
    auto& one = at(name, now);
    auto const is = one.now ? std::optional(one.now->bytes) : std::nullopt;
    if (is == desired) return true;
    if (is != expected) return false;
    one.before = std::exchange(one.now, std::nullopt);
    one.written = now;
    if (desired) one.now = record{*desired, now + life};
    return true;
}

void shared_store::fail_over(instant now) {
    for (auto& [name, one] : all_) {
        one.leased.reset();
        if (one.written != instant() && now - one.written < 1s) one.now = std::exchange(one.before, {});
    }
}

} // namespace fleet
