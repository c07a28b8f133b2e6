// A fleet of processes that share a token store, in simulated time: their cores alone, and a store that may
// fail at each command.
#include "base/failure.hpp"
#include "core/refresh_core.hpp"
#include "core/store_breaker.hpp"
#include "core/store_fsm.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <functional>
#include <queue>
#include <random>
#include <set>
#include <string>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using clock_type = base::clock;
using time_point = clock_type::time_point;
using fsm = core::store_fsm;
using action = fsm::action;
using type = fsm::event::type;

namespace {

struct settings {
    std::size_t processes = 500;
    nanoseconds service = 150ms;     ///< how long an exchange takes
    std::chrono::seconds life = 60s; ///< of a token
    nanoseconds run_for = 1h;
    unsigned faults = 0;       ///< of 1,000 commands
    nanoseconds lateness = 1s; ///< from start to start, at random within
};

/// The store, the service and the time that all share.
class fleet {
public:
    explicit fleet(settings const& how) : how_(how) {
        options_.sharing.lease_life = 1500ms;
        names_ = keys_.names_of("text");
        cool_down_ = keys_.names_of("cool-down").front();
        for (std::size_t i = 0; i < how.processes; ++i) {
            all_.emplace_back();
            at(now_ + how_.lateness * i / how.processes, [this, i] { tick(i); });
        }
    }

    void run() {
        auto const end = now_ + how_.run_for;
        while (!queue_.empty() && queue_.top().when <= end) {
            auto const next = queue_.top();
            queue_.pop();
            now_ = next.when;
            next.what();
        }
    }

    std::size_t exchanges = 0, written = 0, served_old = 0;
    nanoseconds longest_wait{}; ///< without a token, after its first

    std::size_t without_token() const {
        std::size_t count = 0;
        for (auto const& one : all_)
            count += one.tokens.holds(stamp()) ? 0 : 1;
        return count;
    }

private:
    struct process {
        core::refresh_core tokens;
        secret held;
        std::optional<fsm> flight;
        core::store_breaker breaker;
        std::string owner;
        unsigned generation = 0; ///< of the wait that counts
        bool exchanging = false;
        std::optional<token> fresh;
        std::optional<time_point> wants_since;
    };
    struct happening {
        time_point when;
        std::size_t number;
        std::function<void()> what;
        bool operator<(happening const& other) const {
            return std::pair(when, number) > std::pair(other.when, other.number);
        }
    };
    struct leased {
        std::string owner;
        time_point end{};
    };

    void at(time_point when, std::function<void()> what) { queue_.push({when, ++count_, std::move(what)}); }
    std::uint32_t random() { return static_cast<std::uint32_t>(dice_()); }
    time_stamp stamp() const {
        return {now_, std::chrono::system_clock::time_point(
                          std::chrono::duration_cast<std::chrono::system_clock::duration>(
                              now_.time_since_epoch()))};
    }
    milliseconds store_time() const {
        return std::chrono::floor<milliseconds>(now_.time_since_epoch()) + milliseconds(24h);
    }

    /// A caller comes each second, and more often while there is no token.
    void tick(std::size_t i) {
        auto& one = all_[i];
        bool const holds = one.tokens.holds(stamp());
        if (!holds && !one.wants_since) one.wants_since = now_;
        if (!one.flight) {
            using verdict = core::refresh_core::verdict;
            auto const said = one.tokens.ask(stamp(), false);
            if (said == verdict::fly || said == verdict::refresh) begin(i);
        }
        at(now_ + (holds ? 1s : 100ms), [this, i] { tick(i); });
    }

    void begin(std::size_t i) {
        auto& one = all_[i];
        fsm::wanted wanted;
        wanted.names = names_;
        wanted.cool_down_name = cool_down_;
        wanted.deadline = now_ + 30s;
        if (one.tokens.holds(stamp())) {
            wanted.held = one.held;
            wanted.served_until = one.tokens.served_until().steady;
        }
        one.owner = std::to_string(i) + "-" + std::to_string(++count_);
        one.flight.emplace(keys_, options_, std::move(wanted));
        fsm::event what{type::began};
        what.allowed = one.breaker.allows(now_);
        tell(i, what);
    }

    void tell(std::size_t i, fsm::event what) {
        auto& one = all_[i];
        ++one.generation;
        what.now = now_;
        what.random = random();
        auto const next = one.flight->resume(what);
        if ((one.flight->take_notes() & fsm::written) != 0) ++written;
        perform(i, next);
    }

    void perform(std::size_t i, action next) {
        auto& one = all_[i];
        switch (next) {
        case action::exchange:
            ++exchanges;
            one.exchanging = true;
            at(now_ + how_.service, [this, i, sent = stamp()] { exchanged(i, sent); });
            [[fallthrough]];
        case action::wait:
            return wait(i);
        case action::serve: {
            auto const got = one.flight->take_found(stamp());
            receive(one, got);
            return tell(i, {type::told});
        }
        case action::fail:
            one.flight->take_failure();
            one.tokens.failed(core::refresh_core::failure::passing, stamp(), random());
            return tell(i, {type::told});
        case action::none:
            one.flight.reset();
            return;
        default:
            return command(i, next);
        }
    }

    void wait(std::size_t i) {
        auto& one = all_[i];
        if (one.exchanging && one.fresh) return end_exchange(i);
        auto const until = one.flight->until();
        if (until == time_point::max()) return;
        at(std::max(until, now_), [this, i, generation = one.generation] {
            if (all_[i].flight && all_[i].generation == generation) tell(i, {type::woke});
        });
    }

    void exchanged(std::size_t i, time_stamp sent) {
        auto& one = all_[i];
        token got;
        got.token_type = "Bearer";
        got.expires_in = how_.life;
        got.requested = sent;
        got.expires = time_stamp{sent.steady + how_.life, sent.system + how_.life};
        got.set_access_token("token-" + std::to_string(exchanges));
        receive(one, got);
        one.fresh = got;
        if (!commanding_.contains(i)) end_exchange(i);
    }
    void end_exchange(std::size_t i) {
        auto& one = all_[i];
        auto const got = *std::exchange(one.fresh, std::nullopt);
        one.exchanging = false;
        fsm::event what{type::exchanged};
        what.fresh = &got;
        what.allowed = !one.flight->had_trouble() || (one.flight->has_looked() && one.breaker.allows(now_));
        tell(i, what);
    }

    void receive(process& one, token const& got) {
        if (got.expires->steady <= now_) ++served_old;
        one.tokens.received(got, {}, stamp(), options_, random());
        one.held = got.access_token;
        if (one.wants_since) longest_wait = std::max(longest_wait, now_ - *one.wants_since);
        one.wants_since.reset();
    }

    /// A command arrives half a millisecond later, and its answer another half later, unless it fails.
    void command(std::size_t i, action what) {
        commanding_.insert(i);
        bool const faulty = random() % 1000 < how_.faults;
        auto const how = faulty ? random() % 3 : 3; // refused, lost, silent
        auto const asked = now_;
        at(now_ + 500us, [this, i, what, how, asked] {
            auto& one = all_[i];
            fsm::event came{type::failed};
            if (how != 0 && how != 2) came = executed(one, what);
            bool const failed = how != 3;
            if (failed) came = fsm::event{type::failed};
            came.late = how == 1 || how == 2;
            came.asked = asked;
            auto const found = failed ? stored_record() : found_;
            at(now_ + (came.late ? 100ms : 500us), [this, i, what, came, found, failed]() mutable {
                commanding_.erase(i);
                using command = core::store_breaker::command;
                auto const kind = what == action::look ? command::read : command::write;
                if (failed)
                    all_[i].breaker.failed(kind, now_, random());
                else
                    all_[i].breaker.worked(kind);
                came.found = &found;
                tell(i, came);
            });
        });
    }

    fsm::event executed(process const& one, action what) {
        auto& record = one.flight->name() == cool_down_ ? cool_down_record_ : record_;
        if (record && record->second <= now_) record.reset();
        if (lease_ && lease_->end <= now_) lease_.reset();
        found_ = stored_record();
        found_.time = store_time();
        if (record) {
            found_.bytes = record->first;
            found_.left = std::chrono::floor<milliseconds>(record->second - now_);
        }
        bool const mine = lease_ && lease_->owner == one.owner;
        auto const life = options_.sharing.lease_life;
        fsm::event came{type::answered};
        switch (what) {
        case action::look:
            came.is = type::looked;
            break;
        case action::acquire:
            came.is = type::acquired;
            came.won = mine || !lease_;
            if (came.won) {
                lease_ = leased{one.owner, now_ + life};
            } else {
                came.left = std::chrono::floor<milliseconds>(lease_->end - now_);
                came.holder = lease_->owner;
            }
            break;
        case action::renew:
            came.yes = mine;
            if (mine) lease_->end = now_ + life;
            break;
        case action::release:
            came.yes = mine;
            if (mine) lease_.reset();
            break;
        default: {
            auto const* const desired = one.flight->desired();
            came.yes = found_.bytes == one.flight->expected();
            if (!came.yes) break;
            record.reset();
            if (desired != nullptr)
                record.emplace(
                    keys_.seal(*desired, one.flight->name(), std::string(core::store_keys::salt_size, 's')),
                    now_ + one.flight->life());
        }
        }
        return came;
    }

    settings const how_;
    refresh_options options_;
    core::store_keys keys_{{secret(std::string(32, 'k'))}};
    std::vector<std::string> names_;
    std::string cool_down_;
    time_point now_{1000h};
    std::mt19937 dice_{20}; // NOLINT: the same run each time
    std::priority_queue<happening> queue_;
    std::size_t count_ = 0;
    std::deque<process> all_;
    std::set<std::size_t> commanding_;
    stored_record found_;
    std::optional<std::pair<std::string, time_point>> record_, cool_down_record_;
    std::optional<leased> lease_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(store_fleet)

BOOST_AUTO_TEST_CASE(P10_500_processes_make_one_exchange_a_token_for_an_hour) {
    fleet all{settings()};
    all.run();
    BOOST_TEST_MESSAGE(all.exchanges << " exchanges, " << all.written << " tokens in the store");
    BOOST_TEST(all.written > 100U);
    BOOST_TEST(all.exchanges * 100 <= all.written * 105);
    BOOST_TEST(all.without_token() == 0U);
    BOOST_TEST(all.served_old == 0U);
    BOOST_TEST((all.longest_wait < 1s));
}

BOOST_AUTO_TEST_CASE(P15_whatever_the_store_does_each_process_has_its_token) {
    for (unsigned const faults : {1U, 30U, 300U, 1000U}) {
        settings how;
        how.processes = 200;
        how.run_for = 10min;
        how.faults = faults;
        fleet all(how);
        all.run();
        BOOST_TEST_MESSAGE(faults << " of 1,000 commands fail: " << all.exchanges << " exchanges");
        BOOST_TEST(all.without_token() == 0U);
        BOOST_TEST(all.served_old == 0U);
        BOOST_TEST((all.longest_wait < 3s));
    }
}

BOOST_AUTO_TEST_CASE(P10_a_slow_service_is_asked_once_by_all_that_start_together) {
    settings how;
    how.processes = 1000;
    how.service = 6s;
    how.life = 3600s;
    how.run_for = 20s;
    how.lateness = 100ms;
    fleet all(how);
    all.run();
    BOOST_TEST(all.exchanges == 1U);
    BOOST_TEST(all.without_token() == 0U);
    BOOST_TEST((all.longest_wait <= 6400ms));
}

BOOST_AUTO_TEST_SUITE_END()
