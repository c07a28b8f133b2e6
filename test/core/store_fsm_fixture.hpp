// A flight with a token store, step by step in simulated time.
#pragma once

#include "base/failure.hpp"
#include "core/store_fsm.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/refresh.hpp>
#include <equinix/sts/secret.hpp>
#include <equinix/sts/token.hpp>
#include <equinix/sts/token_store.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::core {

inline std::ostream& operator<<(std::ostream& out, store_fsm::action one) {
    constexpr std::array<std::string_view, 10> names = {"look", "acquire",  "renew", "release", "swap",
                                                        "wait", "exchange", "serve", "fail",    "none"};
    return out << names.at(static_cast<std::size_t>(one));
}

} // namespace equinix::sts::core

namespace test {

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
namespace sts = equinix::sts;

/// A flight, and a store whose clock is a day ahead of the process's.
struct store_fsm_fixture {
    using fsm = core::store_fsm;
    using action = fsm::action;
    using type = fsm::event::type;
    using note = fsm::note;
    using milliseconds = std::chrono::milliseconds;

    std::vector<sts::secret> const key = {sts::secret(std::string(32, 'k'))};
    core::store_keys keys{key};
    sts::refresh_options options;
    fsm::wanted wanted;
    std::optional<fsm> flight;
    base::clock::time_point now{std::chrono::hours(1000)};
    milliseconds ahead = std::chrono::hours(1024);
    std::optional<std::string> record, cool_down;
    std::optional<milliseconds> left;

    store_fsm_fixture() {
        wanted.names = keys.names_of("text");
        wanted.cool_down_name = keys.names_of("cool-down").front();
        wanted.deadline = now + std::chrono::seconds(30);
        options.sharing.lease_life = milliseconds(4500);
    }

    milliseconds store_time() const {
        return std::chrono::floor<milliseconds>(now.time_since_epoch()) + ahead;
    }
    static sts::token token_of(std::string_view text,
                               std::chrono::seconds life = std::chrono::seconds(3600)) {
        sts::token made;
        made.token_type = "Bearer";
        made.expires_in = life;
        made.set_access_token(text);
        return made;
    }
    std::string sealed(core::store_record const& what, std::string const& name) const {
        return keys.seal(what, name, std::string(core::store_keys::salt_size, 's'));
    }
    core::store_record record_of(std::string_view text, milliseconds age = {},
                                 milliseconds life = std::chrono::hours(1)) const {
        core::store_record made;
        made.what = token_of(text, std::chrono::floor<std::chrono::seconds>(life));
        made.generation = store_time() - age;
        made.life = life;
        return made;
    }
    void store(core::store_record const& what) {
        record = sealed(what, wanted.names.front());
        left = what.end() - store_time();
    }

    action tell(fsm::event what) {
        what.now = now;
        return flight->resume(what);
    }
    action begin(bool allowed = true) {
        flight.emplace(keys, options, wanted);
        fsm::event what{type::began};
        what.allowed = allowed;
        return tell(what);
    }
    action looked() {
        sts::stored_record found;
        bool const of_token = flight->name() == wanted.names.front();
        found.bytes = of_token ? record : cool_down;
        if (found.bytes && of_token) found.left = left;
        found.time = store_time();
        fsm::event what{type::looked};
        what.asked = now;
        what.found = &found;
        return tell(what);
    }
    action acquired(bool won, milliseconds lease_left = std::chrono::seconds(4),
                    std::string_view holder = "") {
        sts::stored_record found;
        found.bytes = record;
        if (record) found.left = left;
        found.time = store_time();
        fsm::event what{type::acquired};
        what.asked = now;
        what.found = &found;
        what.won = won;
        what.left = lease_left;
        what.holder = holder;
        return tell(what);
    }
    action answered(bool yes = true) {
        fsm::event what{type::answered};
        what.asked = now;
        what.yes = yes;
        return tell(what);
    }
    action failed(bool late = false, std::uint32_t random = 0) {
        fsm::event what{type::failed};
        what.asked = now;
        what.late = late;
        what.random = random;
        return tell(what);
    }
    action woke() {
        now = std::max(now, flight->until());
        return tell({type::woke});
    }
    action exchanged(sts::token const& fresh) {
        fsm::event what{type::exchanged};
        what.fresh = &fresh;
        return tell(what);
    }
    action exchange_failed(sts::error_info const& why) {
        fsm::event what{type::exchanged};
        what.why = &why;
        return tell(what);
    }
    action exchange_refused() {
        return exchange_failed(base::failure(sts::error_kind::oauth, sts::phase::oauth, "no"));
    }
    action exchange_broken() {
        return exchange_failed(base::failure(sts::error_kind::network, sts::phase::read, "reset"));
    }
    action told() { return tell({type::told}); }

    /// The lease is won, there is no cool-down: the exchange begins.
    void begin_exchange() {
        BOOST_TEST(begin() == action::look);
        BOOST_TEST(looked() == action::acquire);
        BOOST_TEST(acquired(true) == action::look);
        BOOST_TEST(flight->name() == wanted.cool_down_name);
        BOOST_TEST(looked() == action::exchange);
    }
    sts::token served() {
        return flight->take_found({now, std::chrono::system_clock::time_point() + std::chrono::hours(5000)});
    }
};

} // namespace test
