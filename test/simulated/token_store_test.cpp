// A thousand token sources, fewer under a sanitizer, that share one token store, in simulated time.
#include "simulated/simulation.hpp"
#include "support/sanitized.hpp"

#include <equinix/sts/testing/memory_store.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

using namespace test;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using sts::testing::memory_store;
using sts::testing::store_fault;
namespace data = boost::unit_test::data;

namespace {

constexpr std::size_t sources = TEST_SANITIZED ? 100 : 1000;
constexpr std::chrono::seconds life = 60s;
constexpr nanoseconds step = 100ms, between_calls = 1s, longest_wait = 3s;
constexpr std::size_t calls_a_step = sources / static_cast<std::size_t>(between_calls / step);

/// Each source has a caller each second.
struct fleet : simulation {
    fleet() : simulation(lifetime_of(life)) {
        sts::refresh_options how;
        how.sharing.store = store;
        how.sharing.keys = {sts::secret(std::string(32, 'k'))};
        for (std::size_t i = 0; i < sources; ++i)
            all.push_back(source(used, credentials(), how));
    }

    /// All ask at once first, then one after another.
    void run(nanoseconds span) {
        for (nanoseconds gone{}; gone < span; gone += step) {
            if (gone == nanoseconds::zero())
                for (auto const& one : all)
                    call(one);
            else
                for (std::size_t i = 0; i < calls_a_step; ++i)
                    call(all[next++ % sources]);
            settle();
            simulated::advance(step);
        }
        for (auto left = longest_wait; waits != 0 && left > nanoseconds::zero(); left -= step) {
            settle();
            simulated::advance(step);
        }
        BOOST_TEST(waits == 0U);
        BOOST_TEST(failed == 0U);
        BOOST_TEST(expired == 0U);
        BOOST_TEST(longest.count() <= longest_wait.count());
    }

    /// Ends all sources, with what they have still to write and to release.
    void end() {
        auto open = all.size();
        for (auto const& one : all)
            asio::co_spawn(context, one.shutdown(), [&](std::exception_ptr thrown) {
                BOOST_TEST(!thrown);
                --open;
            });
        for (int i = 0; i < 100 && open != 0; ++i) {
            settle();
            simulated::advance(step);
        }
        BOOST_TEST(open == 0U);
    }

    void call(sts::token_source const& one) {
        ++waits;
        auto const since = clock::now();
        asio::co_spawn(context, one.try_get(), [this, since](std::exception_ptr thrown, token_outcome got) {
            --waits;
            failed += thrown || got.has_error() ? 1 : 0;
            if (got.has_value() && (*got)->expires && (*got)->expires->steady <= clock::now()) ++expired;
            longest = std::max<nanoseconds>(longest, clock::now() - since);
        });
    }

    using clock = std::chrono::steady_clock;
    std::shared_ptr<memory_store> const store = std::make_shared<memory_store>();
    std::deque<sts::token_source> all;
    std::size_t next = 0, waits = 0, failed = 0, expired = 0;
    nanoseconds longest{};
};

constexpr std::string_view commands[] = {"look", "acquire", "swap", "renew", "release"};
constexpr store_fault::type faults[] = {store_fault::type::refused, store_fault::type::lost,
                                        store_fault::type::silent};
constexpr unsigned shares[] = {1, 30, 300, 1000};

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_store, fleet)

// A token of 60 s is due between 24 and 30 s after its request: two or three in a minute, and the first.
BOOST_AUTO_TEST_CASE(P10_a_thousand_sources_make_one_exchange_for_each_token) {
    run(2 * life);
    BOOST_TEST(mock.requests() >= 4U);
    BOOST_TEST(mock.requests() <= 6U);
    BOOST_TEST(longest.count() <= nanoseconds(500ms).count());
    end();
}

BOOST_DATA_TEST_CASE_F(fleet, P15_each_fault_at_each_command_costs_nobody_its_token,
                       data::make(commands) * data::make({0, 1, 2}), command, fault) {
    store->faults([=](std::string_view what, std::string_view) {
        return what == command ? std::optional(store_fault(faults[fault])) : std::nullopt;
    });
    run(40s);
    store->faults({});
    end();
}

BOOST_DATA_TEST_CASE_F(fleet, P15_faults_at_random_cost_nobody_its_token, data::make(shares), of_a_thousand) {
    std::mt19937 dice(of_a_thousand);
    store->faults([&](std::string_view, std::string_view) {
        if (dice() % 1000 >= of_a_thousand) return std::optional<store_fault>();
        return std::optional(store_fault(faults[dice() % 3]));
    });
    run(life);
    BOOST_TEST(mock.requests() >= 2U);
    BOOST_TEST_MESSAGE(of_a_thousand << " of 1,000 commands fail: " << mock.requests() << " exchanges");
    end();
}

BOOST_AUTO_TEST_CASE(P15_a_store_that_forgets_everything_costs_exchanges_and_nobody_its_token) {
    std::mt19937 dice(1);
    store->faults([&](std::string_view, std::string_view) {
        if (dice() % 100 == 0) store->clear(); // records and leases alike
        return std::nullopt;
    });
    run(life);
    end();
}

BOOST_AUTO_TEST_SUITE_END()
