// Stores that fail, hold garbage, or belong to a process that has died.
#include "client/fleet.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::testing::mock_answer;
using sts::testing::store_fault;
using fault = store_fault::type;

BOOST_FIXTURE_TEST_SUITE(token_store, fleet)

BOOST_AUTO_TEST_CASE(P15_each_command_may_fail_in_each_way_and_every_caller_gets_a_token) {
    for (auto const how : {fault::refused, fault::lost, fault::silent})
        for (auto const* const command : {"look", "swap", "acquire", "renew", "release"}) {
            store->clear();
            store->faults([how, command](std::string_view asked, auto) {
                return asked == command ? std::optional(store_fault(how)) : std::nullopt;
            });
            auto const one = member();
            BOOST_TEST(get(one).has_value());
            settle(one);
        }
}

BOOST_AUTO_TEST_CASE(P15_a_broken_store_is_told_and_given_up) {
    std::vector<sts::event> told;
    auto options = this->options();
    options.observer = [&](sts::event const& what) { told.push_back(what); };
    sts::cache_options how;
    how.refresh = sharing();
    sts::token_cache const cache(client(options), how);
    auto const get = [&](std::string const& scope) {
        waiting wait(context, [&] { return cache.try_get(request().scope(sts::scope(scope))); });
        BOOST_TEST(wait.wait().has_value());
    };
    fail_all(store_fault(fault::refused, error_kind::connect));
    for (auto const* const scope : {"1", "2", "3"})
        get(scope);
    auto const numbers = cache.stats().tokens.store;
    BOOST_TEST(numbers.failures == 3U);
    BOOST_TEST(numbers.breaker_opened == 1U);
    BOOST_REQUIRE(numbers.last_error.has_value());
    BOOST_TEST(numbers.last_error->kind == error_kind::connect);
    BOOST_TEST((numbers.last_error->phase == sts::phase::store));
    auto const count = [&](sts::event_type type) {
        return std::ranges::count(told, type, [](auto const& each) { return each.type; });
    };
    BOOST_TEST(count(sts::event_type::store_failed) == 3);
    BOOST_TEST(count(sts::event_type::store_given_up) == 1);
    auto const before = store->commands();
    get("4");
    BOOST_TEST(store->commands() == before); // it is not asked
}

BOOST_AUTO_TEST_CASE(P15_a_store_that_throws_is_a_store_that_fails) {
    struct throwing final : sts::token_store {
        asio::awaitable<sts::result<sts::stored_record>> look(std::string, sts::store_bounds) override {
            throw std::runtime_error("private");
        }
        asio::awaitable<sts::result<bool>> swap(std::string, std::optional<std::string>,
                                                std::optional<std::string>, std::chrono::milliseconds,
                                                sts::store_bounds) override {
            throw std::runtime_error("private");
        }
        asio::awaitable<sts::result<sts::store_lease>>
        acquire(std::string, std::string, std::chrono::milliseconds, sts::store_bounds) override {
            throw std::runtime_error("private");
        }
        asio::awaitable<sts::result<bool>> renew(std::string, std::string, std::chrono::milliseconds,
                                                 sts::store_bounds) override {
            throw std::runtime_error("private");
        }
        asio::awaitable<sts::result<bool>> release(std::string, std::string, sts::store_bounds) override {
            throw std::runtime_error("private");
        }
        std::string describe() const override { return "throwing"; }
    };
    auto how = sharing();
    how.sharing.store = std::make_shared<throwing>();
    auto const one = member(how);
    BOOST_TEST(get(one).has_value());
    auto const why = one.stats().store.last_error.value();
    BOOST_TEST(why.kind == error_kind::config);
    BOOST_TEST(why.message.find("private") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(P15_no_caller_that_holds_a_token_waits_for_a_store) {
    auto const one = member();
    auto const got = text_of(one);
    fail_all(store_fault(fault::silent));
    for (int i = 0; i < 100; ++i)
        BOOST_TEST(text_of(one) == got);
    BOOST_TEST(one.stats().hits == 100U);
}

BOOST_AUTO_TEST_CASE(P15_a_key_may_go_while_its_token_is_still_being_written) {
    sts::cache_options options;
    options.refresh = sharing();
    options.max_keys = 1;
    sts::token_cache const cache(client(), options);
    for (auto const how : {fault::refused, fault::lost, fault::silent}) {
        store->faults([how](std::string_view command, auto) {
            bool const in_the_tail = command == "swap" || command == "release";
            return in_the_tail ? std::optional(store_fault(how)) : std::nullopt;
        });
        for (auto const* const scope : {"1", "2", "3"}) { // each evicts the one before, or is refused
            auto const asked = request().scope(sts::scope(scope));
            waiting wait(context, [&] { return cache.try_get(asked); });
            auto const& got = wait.wait();
            BOOST_TEST((got.has_value() || got.error().kind == error_kind::limit));
            cache.erase(cache.key_of(asked));
        }
        store->clear();
    }
    run_until(context, [&] { return cache.stats().keys == 0; });
}

BOOST_AUTO_TEST_CASE(P11_a_holder_that_dies_is_replaced) {
    auto how = sharing();
    how.sharing.lease_life = 300ms;
    auto const survivor = member(how);
    mock.next(mock_answer::genuine().hold());
    {
        auto const holder = member(how);
        waiting dying(context, [&] { return holder.try_get(); });
        run_until(context, [&] { return mock.requests() == 1; });
        store->faults([](std::string_view command, auto) { // its process is gone
            bool const of_holder = command == "renew" || command == "release";
            return of_holder ? std::optional(store_fault(fault::refused)) : std::nullopt;
        });
        BOOST_TEST(get(survivor).has_value());
        holder.close();
        BOOST_TEST(dying.canceled());
    }
    mock.release();
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(P2_garbage_with_any_life_blocks_nobody) {
    auto const first = member();
    text_of(first);
    settle(first);
    auto const name = store->names().front();
    for (auto const* const garbage :
         {"", "x", "\1garbage that is longer than the head of a record is, by some"})
        for (std::optional<std::chrono::milliseconds> const left :
             {std::optional(1ms * 86400000), std::optional<std::chrono::milliseconds>()}) {
            store->put(name, garbage, left);
            auto const one = member();
            auto const got = text_of(one);
            settle(one);
            BOOST_TEST(one.stats().store.unopened >= 1U);
            BOOST_TEST(text_of(member()) == got); // it was replaced
        }
}

BOOST_AUTO_TEST_SUITE_END()
