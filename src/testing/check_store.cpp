#include <equinix/sts/testing/check_store.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace equinix::sts::testing {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

using text = std::optional<std::string>;
using store_ptr = std::shared_ptr<token_store>;

constexpr milliseconds long_life = std::chrono::seconds(60), short_life = milliseconds(200),
                       past_its_end = milliseconds(400);

/// What the checks share: the stores as two processes see them, and what has been found.
struct checking {
    checking(store_ptr one, store_ptr other) : one(std::move(one)), other(std::move(other)) {
        // Generous: what is checked is what a store does, not how fast.
        within.command = std::chrono::seconds(2);
        within.connect = std::chrono::seconds(2);
        std::random_device random;
        for (int i = 0; i < 4; ++i)
            unique += std::to_string(random());
        unique.resize(24, 'x');
    }

    std::string name(std::string_view of) const { return unique + "-" + std::string(of); }

    template <class T>
    bool worked(result<T> const& got, std::string_view what) {
        if (got.has_error()) broken.push_back(std::string(what) + " fails: " + got.error().to_string());
        return got.has_value();
    }
    void expect(bool holds, std::string rule) {
        if (!holds) broken.push_back(std::move(rule));
    }

    store_ptr one, other;
    store_bounds within;
    std::string unique;
    std::vector<std::string> broken;
};

// Each of these performs one command. A command that fails breaks a rule.

asio::awaitable<stored_record> look(std::shared_ptr<checking> all, store_ptr at, std::string name) {
    auto const got = co_await at->look(name, all->within);
    all->worked(got, "look");
    co_return got.has_value() ? *got : stored_record();
}

asio::awaitable<bool> swap(std::shared_ptr<checking> all, store_ptr at, std::string name, text expected,
                           text desired, milliseconds life = long_life) {
    auto const got = co_await at->swap(name, expected, desired, life, all->within);
    all->worked(got, "swap");
    co_return got.has_value() && *got;
}

asio::awaitable<store_lease> acquire(std::shared_ptr<checking> all, store_ptr at, std::string name,
                                     std::string owner, milliseconds life = long_life) {
    auto const got = co_await at->acquire(name, owner, life, all->within);
    all->worked(got, "acquire");
    co_return got.has_value() ? *got : store_lease();
}

asio::awaitable<bool> renew(std::shared_ptr<checking> all, store_ptr at, std::string name, std::string owner,
                            milliseconds life = long_life) {
    auto const got = co_await at->renew(name, owner, life, all->within);
    all->worked(got, "renew");
    co_return got.has_value() && *got;
}

asio::awaitable<bool> release(std::shared_ptr<checking> all, store_ptr at, std::string name,
                              std::string owner) {
    auto const got = co_await at->release(name, owner, all->within);
    all->worked(got, "release");
    co_return got.has_value() && *got;
}

asio::awaitable<void> pause(milliseconds how_long) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, how_long);
    co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> check_records(std::shared_ptr<checking> all) {
    auto const name = all->name("record");
    auto found = co_await look(all, all->one, name);
    all->expect(!found.bytes && !found.left,
                "A name under which nothing was stored has no record and does not expire.");
    text const first = "first", second = "second", none;
    auto done = co_await swap(all, all->one, name, second, first);
    all->expect(!done, "A swap that expects a record does nothing where there is none.");
    done = co_await swap(all, all->one, name, none, first);
    all->expect(done, "A swap that expects nothing stores where there is nothing.");
    found = co_await look(all, all->other, name);
    all->expect(found.bytes == first, "What one process has stored, another finds, byte for byte.");
    all->expect(found.left && *found.left > long_life - std::chrono::seconds(5) && *found.left <= long_life,
                "A record's remaining lifetime is counted from the swap.");
    done = co_await swap(all, all->one, name, none, first);
    all->expect(done, "A swap that is done twice succeeds twice.");
    done = co_await swap(all, all->other, name, none, second);
    all->expect(!done, "A swap that expects nothing replaces no record.");
    done = co_await swap(all, all->other, name, second, second);
    all->expect(!done, "A swap that expects another record does nothing.");
    done = co_await swap(all, all->other, name, first, second);
    all->expect(done, "A swap replaces the record that it expects.");
    done = co_await swap(all, all->one, name, first, none);
    all->expect(!done, "A swap that expects another record removes nothing.");
    done = co_await swap(all, all->one, name, second, none);
    all->expect(done, "A swap removes the record that it expects.");
    done = co_await swap(all, all->one, name, second, none);
    all->expect(done, "A removal that is done twice succeeds twice.");
    found = co_await look(all, all->other, name);
    all->expect(!found.bytes, "A record that was removed is gone.");
}

asio::awaitable<void> check_contents(std::shared_ptr<checking> all) {
    std::string every_byte;
    for (int i = 0; i < 256; ++i)
        every_byte.push_back(static_cast<char>(i));
    std::string const large(std::size_t(128) * 1024, '\0');
    text const none;
    for (text const& content :
         {text(every_byte), text(large), text("\r\n$-1\r\n"), text(std::string(1, '\0'))}) {
        auto const name = all->name("content");
        auto done = co_await swap(all, all->one, name, none, content);
        all->expect(done, "A record may have any content, and 128 KiB of it.");
        auto const found = co_await look(all, all->other, name);
        all->expect(found.bytes == content, "A record of any content comes back byte for byte.");
        done = co_await swap(all, all->other, name, content, none);
        all->expect(done, "A record of any content can be expected.");
    }
    auto const longest = all->unique + std::string(64 - all->unique.size(), 'Z');
    for (auto const& name : {longest, all->name("a_Z-9")}) {
        text const content = "content";
        auto const done = co_await swap(all, all->one, name, none, content);
        all->expect(done, "A name may have 64 letters, digits, '-' and '_'.");
        auto const removed = co_await swap(all, all->one, name, content, none);
        all->expect(removed, "A record under any name can be removed.");
    }
}

asio::awaitable<void> check_ends(std::shared_ptr<checking> all) {
    auto const name = all->name("end");
    text const first = "first", second = "second", none;
    auto done = co_await swap(all, all->one, name, none, first, short_life);
    all->expect(done, "A record may live for a short time.");
    auto const before = co_await look(all, all->one, name);
    co_await pause(past_its_end);
    auto const after = co_await look(all, all->other, name);
    all->expect(!after.bytes, "A record is gone when its lifetime is over.");
    auto const passed = after.time - before.time;
    all->expect(passed >= past_its_end - milliseconds(50) &&
                    passed <= past_its_end + std::chrono::seconds(10),
                "The store's time advances as time does, and is the same for all.");
    done = co_await swap(all, all->one, name, first, second);
    all->expect(!done, "A record whose lifetime is over cannot be expected.");
    done = co_await swap(all, all->one, name, none, second);
    all->expect(done, "Where a record's lifetime is over, there is nothing.");
    done = co_await swap(all, all->one, name, second, none);
}

/// Begins all at once, and waits for them. Returns how many of them were answered with true.
asio::awaitable<int> successes_of(std::vector<asio::awaitable<bool>> all) {
    auto const executor = co_await asio::this_coro::executor;
    struct progress {
        std::size_t open = 0;
        int successes = 0;
        std::exception_ptr thrown;
    };
    auto const made = std::make_shared<progress>();
    made->open = all.size();
    for (auto& one : all)
        asio::co_spawn(executor, std::move(one), [made](std::exception_ptr thrown, bool yes) {
            --made->open;
            made->successes += !thrown && yes ? 1 : 0;
            if (thrown) made->thrown = thrown;
        });
    while (made->open != 0)
        co_await pause(milliseconds(1));
    if (made->thrown) std::rethrow_exception(made->thrown);
    co_return made->successes;
}

asio::awaitable<bool> won(std::shared_ptr<checking> all, store_ptr at, std::string name, std::string owner) {
    auto const got = co_await acquire(all, at, name, owner);
    co_return got.won;
}

asio::awaitable<void> check_races(std::shared_ptr<checking> all) {
    constexpr int rivals = 16, rounds = 5;
    text const none;
    for (int round = 0; round < rounds; ++round) {
        auto const name = all->name("race" + std::to_string(round));
        std::vector<asio::awaitable<bool>> swaps, leases;
        for (int i = 0; i < rivals; ++i) {
            auto const& at = i % 2 == 0 ? all->one : all->other;
            swaps.push_back(swap(all, at, name, none, std::to_string(i)));
            leases.push_back(won(all, at, name, std::to_string(i)));
        }
        auto const stored = co_await successes_of(std::move(swaps));
        all->expect(stored == 1, "Of concurrent swaps that expect the same, one succeeds.");
        auto const held = co_await successes_of(std::move(leases));
        all->expect(held == 1, "Of several owners that request a lease at the same time, one gets it.");
        auto const found = co_await look(all, all->one, name);
        auto const removed = co_await swap(all, all->other, name, found.bytes, none);
        all->expect(removed, "A record under any name can be removed.");
        for (int i = 0; i < rivals; ++i) {
            auto const& at = i % 2 == 0 ? all->one : all->other;
            [[maybe_unused]] auto const held_it = co_await release(all, at, name, std::to_string(i));
        }
    }
}

asio::awaitable<void> check_names(std::shared_ptr<checking> all) {
    text const content = "content", none;
    auto const done = co_await swap(all, all->one, all->name("name"), none, content);
    auto const found = co_await look(all, all->one, all->name("NAME"));
    all->expect(done && !found.bytes, "Names that differ in the case of a letter are different.");
    auto const removed = co_await swap(all, all->one, all->name("name"), content, none);
    all->expect(removed, "A record under any name can be removed.");
}

asio::awaitable<void> check_leases(std::shared_ptr<checking> all) {
    auto const name = all->name("lease");
    text const content = "content", none;
    auto done = co_await swap(all, all->one, name, none, content);
    all->expect(done, "A record is stored under a name whose lease is free.");
    auto got = co_await acquire(all, all->one, name, "a");
    all->expect(got.won, "A lease that nobody holds is given.");
    all->expect(got.now.bytes == content && got.now.left && got.now.time > milliseconds(0),
                "A lease comes with the record, its remaining lifetime and the store's time.");
    got = co_await acquire(all, all->one, name, "a");
    all->expect(got.won, "A lease is given again to its owner.");
    got = co_await acquire(all, all->other, name, "b");
    all->expect(!got.won, "A lease that one process holds is not given to another.");
    all->expect(got.now.bytes == content, "A caller that does not get the lease gets the record.");
    all->expect(got.left > long_life - std::chrono::seconds(5) &&
                    got.left <= long_life + std::chrono::seconds(1),
                "A caller that does not get the lease learns how long it lasts.");
    all->expect(got.holder == "a", "A caller that does not get the lease learns who holds it.");
    got = co_await acquire(all, all->one, name, "c");
    all->expect(got.holder == "a", "Another owner of the same process learns who holds the lease, too.");
    all->expect(!got.won, "A lease that one owner holds is not given to another of the same process.");
    auto kept = co_await renew(all, all->other, name, "b");
    all->expect(!kept, "An owner that does not hold a lease cannot renew it.");
    kept = co_await release(all, all->other, name, "b");
    all->expect(!kept, "An owner that does not hold a lease cannot release it.");
    kept = co_await renew(all, all->one, name, "a");
    all->expect(kept, "The owner renews its lease.");
    kept = co_await release(all, all->one, name, "a");
    all->expect(kept, "The owner releases its lease.");
    kept = co_await release(all, all->one, name, "a");
    all->expect(!kept, "A lease that was released is not released again.");
    kept = co_await renew(all, all->one, name, "a");
    all->expect(!kept, "A lease that was released cannot be renewed.");
    got = co_await acquire(all, all->other, name, "b");
    all->expect(got.won, "A lease that was released is given to another.");
    auto const found = co_await look(all, all->one, name);
    all->expect(found.bytes == content, "A lease leaves the record as it is.");
    kept = co_await release(all, all->other, name, "b");
    done = co_await swap(all, all->one, name, content, none);
}

asio::awaitable<void> check_ends_of_leases(std::shared_ptr<checking> all) {
    auto const name = all->name("lapse");
    auto got = co_await acquire(all, all->one, name, "a", short_life);
    all->expect(got.won, "A lease is given for a short time.");
    co_await pause(short_life / 2);
    auto kept = co_await renew(all, all->one, name, "a", 2 * past_its_end);
    all->expect(kept, "A lease is renewed for the time that is given.");
    co_await pause(past_its_end);
    got = co_await acquire(all, all->other, name, "b");
    all->expect(!got.won, "A lease that was renewed lasts.");
    co_await pause(2 * past_its_end);
    got = co_await acquire(all, all->other, name, "b");
    all->expect(got.won || got.left <= milliseconds(0),
                "A lease that has ended is given to another, or is reported to have no time left.");
    got = co_await acquire(all, all->one, name, "c");
    if (got.won) {
        kept = co_await release(all, all->one, name, "c");
    }
    kept = co_await release(all, all->other, name, "b");
    kept = co_await release(all, all->one, name, "a");
}

} // namespace

asio::awaitable<std::vector<std::string>> check_store(store_ptr one, store_ptr other) {
    auto const all = std::make_shared<checking>(std::move(one), std::move(other));
    try {
        co_await check_records(all);
        co_await check_contents(all);
        co_await check_names(all);
        co_await check_races(all);
        co_await check_ends(all);
        co_await check_leases(all);
        co_await check_ends_of_leases(all);
    } catch (std::exception const& thrown) {
        all->broken.push_back(std::string("A failure is returned as a value. The store has thrown: ") +
                              thrown.what());
    }
    co_return std::move(all->broken);
}

} // namespace equinix::sts::testing
