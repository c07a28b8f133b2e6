// A token cache that several threads use at once.
#include "support/sanitized.hpp"
#include "support/token_source.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace test;

namespace {

constexpr int rounds = TEST_SANITIZED ? 2000 : 20000;
constexpr std::size_t keys = 48, places = 32;

struct threads : service {
    threads() {
        sts::cache_options options;
        options.max_keys = places;
        tokens.emplace(client(one_attempt()), options);
        auto const subject = mock.id_token();
        for (std::size_t i = 0; i < keys; ++i) {
            scopes.push_back("s" + std::to_string(i));
            requests.push_back(
                sts::exchange_request(sts::subject_token(subject)).scope(sts::scope(scopes.back())));
            names.push_back(tokens->key_of(requests.back()));
        }
        for (int i = 0; i < 2; ++i)
            running.emplace_back([this] { context.run(); });
    }
    ~threads() {
        tokens.reset(); // its connections keep the context running
        work.reset();
        for (auto& one : running)
            one.join();
    }

    /// Waits for the token of a key.
    bool get(std::size_t key) {
        return asio::co_spawn(context, tokens->try_get(names[key], requests[key]), asio::use_future)
            .get()
            .has_value();
    }
    void get_all() {
        for (std::size_t key = 0; key < keys; ++key)
            BOOST_REQUIRE(get(key));
    }

    /// What a thread does to any key; counts tokens that are not of the key.
    void use(unsigned seed) {
        std::mt19937 dice(seed);
        for (int i = 0; i < rounds; ++i) {
            auto const key = dice() % keys;
            switch (dice() % 32) {
            case 0:
                tokens->erase(names[key]);
                break;
            case 1:
                if (auto const seen = tokens->peek(names[key])) tokens->invalidate(names[key], *seen);
                break;
            case 2:
                hits_seen = tokens->stats().tokens.hits;
                break;
            case 3:
                if (auto const numbers = tokens->stats(names[key])) hits_seen = numbers->hits;
                break;
            case 4:
            case 5:
                asio::co_spawn(context, tokens->try_get(names[key], requests[key]),
                               [this, key](std::exception_ptr, token_outcome const& got) {
                                   if (got.has_value()) check(key, **got);
                               });
                break;
            default:
                if (auto const seen = tokens->peek(names[key])) check(key, *seen);
            }
        }
    }
    void check(std::size_t key, sts::token const& got) {
        ++tokens_seen;
        if (got.scope && *got.scope != scopes[key]) ++mixed;
    }
    void use_on_three_threads() {
        std::vector<std::thread> users;
        for (unsigned i = 0; i < 3; ++i)
            users.emplace_back([this, i] { use(i); });
        for (auto& one : users)
            one.join();
    }

    std::optional<sts::token_cache> tokens;
    std::vector<std::string> scopes;
    std::vector<sts::exchange_request> requests;
    std::vector<sts::token_cache::key> names;
    std::atomic<std::uint64_t> tokens_seen = 0, mixed = 0, hits_seen = 0;
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    std::vector<std::thread> running;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_cache_threads, threads)

BOOST_AUTO_TEST_CASE(J1_no_thread_ever_sees_the_token_of_another_key) {
    get_all();
    use_on_three_threads();
    BOOST_TEST(mixed == 0U);
    BOOST_TEST(tokens_seen > 0U);
    auto const stats = tokens->stats();
    BOOST_TEST(stats.keys <= places);
    BOOST_TEST(stats.evicted > 0U);
    BOOST_TEST(stats.tokens.hits > 0U);
}

BOOST_AUTO_TEST_CASE(a_hit_is_counted_once_whoever_has_it) {
    BOOST_REQUIRE(get(0));
    auto const before = tokens->stats().tokens.hits, of_key = tokens->stats(names[0])->hits;
    std::vector<std::thread> users;
    std::atomic<std::uint64_t> taken = 0;
    for (int i = 0; i < 3; ++i)
        users.emplace_back([&] {
            for (int j = 0; j < rounds; ++j)
                taken += tokens->peek(names[0]) ? 1 : 0;
        });
    for (auto& one : users)
        one.join();
    BOOST_TEST(taken == 3U * rounds);
    BOOST_TEST(tokens->stats().tokens.hits == before + taken);
    BOOST_TEST(tokens->stats(names[0])->hits == of_key + taken);
}

BOOST_AUTO_TEST_CASE(a_cache_that_is_closed_meanwhile_has_no_token_afterwards) {
    get_all();
    std::thread closing([this] {
        while (tokens_seen < 100)
            std::this_thread::yield();
        tokens->close();
    });
    std::thread user([this] {
        for (unsigned seed = 0; tokens_seen < 100; ++seed)
            use(seed);
    });
    use_on_three_threads();
    user.join();
    closing.join();
    BOOST_TEST(mixed == 0U);
    for (auto const& name : names)
        BOOST_TEST(!tokens->peek(name));
}

BOOST_AUTO_TEST_SUITE_END()
