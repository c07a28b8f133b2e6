// The token cache over real TLS with a service that counts requests.
#include "support/refused.hpp"
#include "support/token_source.hpp"

#include <equinix/sts/subject_token_supplier.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>

#include <cstdlib>
#include <deque>
#include <set>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::phase;
using sts::testing::id_token_claims;
using sts::testing::mock_answer;

namespace {

/// The same token for everybody.
mock_answer canned(int lifetime) {
    return mock_answer::with(200, R"({"access_token":"abc","token_type":"Bearer","issued_token_type":)"
                                  R"("urn:ietf:params:oauth:token-type:access_token","expires_in":)" +
                                      std::to_string(lifetime) + "}");
}

struct tally {
    int left = 0, tokens = 0, wrong = 0;
};

asio::awaitable<void> take(sts::token_cache cache, sts::exchange_request request, tally& all) {
    auto const got = co_await cache.try_get(std::move(request));
    ++(got.has_value() ? all.tokens : all.wrong);
    --all.left;
}

/// Whether the claims of the token are those that were asked for.
asio::awaitable<void> take_and_check(sts::token_cache cache, sts::exchange_request request,
                                     std::string subject, sts::testing::mock_sts const& mock, tally& all) {
    auto const scope = request.scope()->value();
    auto const got = co_await cache.try_get(std::move(request));
    --all.left;
    ++all.wrong;
    if (got.has_error()) co_return;
    auto const claims = mock.claims((*got)->access_token.reveal());
    if (!claims) co_return;
    auto const read = boost::json::parse(*claims);
    if (read.at("scope").as_string() != scope || read.at("sub").as_string() != subject) co_return;
    --all.wrong;
    ++all.tokens;
}

/// Keys one after the other, from a number that several of these share.
asio::awaitable<void> fill(sts::token_cache cache, sts::exchange_request base, int& next, int last,
                           tally& all) {
    while (next < last) {
        auto request = base;
        request.scope(sts::scope("s" + std::to_string(next++)));
        auto const got = co_await cache.try_get(std::move(request));
        ++(got.has_value() ? all.tokens : all.wrong);
    }
    --all.left;
}

/// As soon as an exchange has succeeded: this polls, and so is there before what that has posted. The caller
/// for whom it was leaves.
asio::awaitable<token_outcome> erase_and_get(sts::token_cache cache, sts::client client,
                                             sts::exchange_request request,
                                             asio::cancellation_signal& leave) {
    auto const name = cache.key_of(request);
    while (client.stats().succeeded == 0)
        co_await asio::post(asio::use_awaitable);
    leave.emit(asio::cancellation_type::terminal);
    cache.erase(name);
    auto got = co_await cache.try_get(std::move(request));
    co_return got;
}

struct cached : service {
    sts::token_cache cache(sts::cache_options const& with = sts::cache_options()) {
        return sts::token_cache(client(one_attempt()), with);
    }
    sts::exchange_request scoped(std::string scope) const {
        return sts::exchange_request(sts::subject_token(workload)).scope(sts::scope(std::move(scope)));
    }
    /// What a caller awaits.
    auto wanting(sts::token_cache const& from, std::string scope) const {
        return [this, from, scope] { return from.try_get(scoped(scope)); };
    }
    token_outcome get(sts::token_cache const& from, std::string const& scope) {
        waiting one(context, wanting(from, scope));
        return std::move(one.wait());
    }
    token_ptr token_of(sts::token_cache const& from, std::string const& scope) {
        auto got = get(from, scope);
        BOOST_REQUIRE_MESSAGE(got.has_value(), "no token");
        return *got;
    }
    bool has(sts::token_cache const& in, std::string const& scope) const {
        return in.stats(in.key_of(scoped(scope))).has_value();
    }

    std::string const workload = mock.id_token();
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_cache, cached)

BOOST_AUTO_TEST_CASE(gives_the_same_token_for_the_same_request) {
    auto const tokens = cache();
    auto const first = token_of(tokens, "a b");
    BOOST_TEST(token_of(tokens, "a b") == first);
    BOOST_TEST(token_of(tokens, "b a") == first);
    auto const name = tokens.key_of(scoped("a b"));
    BOOST_TEST(tokens.peek(name) == first);
    waiting by_key(context, [&] { return tokens.try_get(name, scoped("a b")); });
    BOOST_TEST(*by_key.wait() == first);
    BOOST_TEST(mock.requests() == 1U);
    BOOST_TEST(tokens.stats().keys == 1U);
}

BOOST_AUTO_TEST_CASE(get_throws_what_try_get_tells) {
    mock.always(mock_answer::error(403, "access_denied"));
    auto const tokens = cache();
    std::exception_ptr thrown;
    bool over = false;
    asio::co_spawn(context, tokens.get(scoped("a")), [&](std::exception_ptr const& what, token_ptr const&) {
        thrown = what;
        over = true;
    });
    run_until(context, [&] { return over; });
    BOOST_REQUIRE(thrown);
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(thrown), sts::error, [](sts::error const& known) {
        return known.kind() == error_kind::oauth && known.info().oauth_error == "access_denied";
    });
}

BOOST_AUTO_TEST_CASE(J10_scopes_and_subjects_are_never_mixed) {
    auto const tokens = cache();
    tally all;
    for (int i = 0; i < 50; ++i) {
        auto const subject = "user-" + std::to_string(i / 5);
        auto const request =
            sts::exchange_request(sts::subject_token(mock.id_token(id_token_claims().subject(subject))))
                .scope(sts::scope("roleassignments:" + std::to_string(i % 5)));
        for (int caller = 0; caller < 20; ++caller) {
            ++all.left;
            asio::co_spawn(context, take_and_check(tokens, request, subject, mock, all), asio::detached);
        }
    }
    run_until(context, [&] { return all.left == 0; });
    BOOST_TEST(all.tokens == 1000);
    BOOST_TEST(all.wrong == 0);
    BOOST_TEST(mock.requests() == 50U);
    BOOST_TEST(tokens.stats().keys == 50U);
}

BOOST_AUTO_TEST_CASE(J10_everything_else_that_is_sent_keeps_requests_apart) {
    auto const tokens = cache();
    std::vector<sts::exchange_request> const all = {
        scoped("a"),
        scoped("a").audience("x"),
        scoped("a").resource("https://x/"),
        scoped("a").audience("x").resource("https://x/"),
        scoped("a").actor(sts::subject_token(workload)),
        sts::exchange_request::client_credentials()
            .scope(sts::scope("a"))
            .authentication(
                sts::client_authentication::secret_post("mock-client", sts::secret("mock-secret"))),
    };
    std::set<token_ptr> got;
    for (auto const& request : all) {
        waiting one(context, [&] { return tokens.try_get(request); });
        auto const& outcome = one.wait();
        BOOST_REQUIRE_MESSAGE(outcome.has_value(), outcome.error().to_string());
        got.insert(*outcome);
    }
    BOOST_TEST(got.size() == all.size());
    BOOST_TEST(mock.requests() == all.size());
}

BOOST_AUTO_TEST_CASE(J10_suppliers_are_told_apart_by_what_they_are) {
    struct constant final : sts::subject_token_supplier {
        explicit constant(std::string what) : token(std::move(what)) {}
        asio::awaitable<sts::subject_token> supply(sts::supply_context) override {
            co_return sts::subject_token(token);
        }
        std::string describe() const override { return "constant"; }
        std::string const token;
    };
    auto const tokens = cache();
    auto const one = std::make_shared<constant>(workload), other = std::make_shared<constant>(workload);
    auto const token_by = [&](std::shared_ptr<constant> const& whom) {
        waiting wait(context,
                     [&] { return tokens.try_get(sts::exchange_request(whom).scope(sts::scope("a"))); });
        return *wait.wait();
    };
    auto const first = token_by(one);
    BOOST_TEST(token_by(one) == first);
    BOOST_TEST(token_by(other) != first);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(J1_each_key_has_one_flight) {
    mock.always(mock_answer::genuine().hold());
    auto const tokens = cache();
    std::deque<waiting> all;
    for (int i = 0; i < 60; ++i)
        all.emplace_back(context, wanting(tokens, "s" + std::to_string(i % 3)));
    run_until(context, [&] { return mock.requests() == 3; });
    BOOST_TEST(tokens.stats().tokens.waiting == 60U);
    BOOST_TEST(tokens.stats().tokens.in_flight == 3U);
    mock.release();
    std::set<token_ptr> got;
    for (auto& one : all)
        got.insert(*one.wait());
    BOOST_TEST(got.size() == 3U);
    BOOST_TEST(mock.requests() == 3U);
}

BOOST_AUTO_TEST_CASE(J3_a_key_that_nobody_waits_for_any_more_gives_its_turn_back) {
    mock.next(mock_answer::genuine().hold());
    sts::cache_options options;
    options.max_in_flight = 1;
    auto const tokens = cache(options);
    waiting first(context, wanting(tokens, "a"));
    run_until(context, [&] { return mock.requests() == 1; });
    waiting second(context, wanting(tokens, "b")), third(context, wanting(tokens, "c"));
    run_until(context, [&] { return tokens.stats().tokens.waiting == 3; });
    second.cancel(); // while it stands in the queue
    BOOST_TEST(second.canceled());
    first.cancel(); // while it flies
    BOOST_TEST(first.canceled());
    BOOST_TEST(third.wait().has_value());
    run_until(context, [&] { return tokens.stats().tokens.in_flight == 0; });
    BOOST_TEST(mock.requests() == 2U);
    mock.release();
}

BOOST_AUTO_TEST_CASE(max_in_flight_bounds_the_exchanges_at_a_time) {
    mock.always(mock_answer::genuine().hold());
    sts::cache_options options;
    options.max_in_flight = 3;
    auto const tokens = cache(options);
    std::deque<waiting> all;
    for (int i = 0; i < 20; ++i)
        all.emplace_back(context, wanting(tokens, "s" + std::to_string(i)));
    run_until(context, [&] { return mock.requests() == 3; });
    context.poll();
    BOOST_TEST(tokens.stats().tokens.waiting == 20U);
    BOOST_TEST(tokens.stats().tokens.in_flight == 3U);
    BOOST_TEST(tokens.stats().tokens.fetches == 3U);
    mock.release();
    for (auto& one : all)
        BOOST_TEST(one.wait().has_value());
    BOOST_TEST(mock.requests() == 20U);
    BOOST_TEST(tokens.stats().tokens.in_flight == 0U);
}

BOOST_AUTO_TEST_CASE(an_awaited_exchange_overtakes_those_in_the_background) {
    sts::cache_options options;
    options.max_in_flight = 1;
    options.refresh.refresh_ahead = 24h; // due after half of its life
    auto const tokens = cache(options);
    mock.next(canned(10));
    mock.next(canned(10));
    token_of(tokens, "old-1");
    token_of(tokens, "old-2");
    asio::steady_timer half(context, 5s);
    bool due = false;
    half.async_wait([&](boost::system::error_code) { due = true; });
    run_until(context, [&] { return due; });
    mock.next(mock_answer::genuine().hold());
    BOOST_TEST(tokens.peek(tokens.key_of(scoped("old-1"))) != nullptr);
    BOOST_TEST(tokens.peek(tokens.key_of(scoped("old-2"))) != nullptr); // has to queue
    run_until(context, [&] { return mock.requests() == 3; });
    waiting wanted(context, wanting(tokens, "new"));
    run_until(context, [&] { return tokens.stats().tokens.waiting == 1; });
    mock.release();
    BOOST_TEST(wanted.wait().has_value());
    run_until(context, [&] { return tokens.stats().tokens.refreshed == 5; });
    auto const raw = mock.raw_requests();
    BOOST_REQUIRE(raw.size() == 5U);
    BOOST_TEST(contains(raw[2], "scope=old-1"));
    BOOST_TEST(contains(raw[3], "scope=new"));
    BOOST_TEST(contains(raw[4], "scope=old-2"));
}

BOOST_AUTO_TEST_CASE(J10_the_oldest_key_that_was_not_used_goes_first) {
    sts::cache_options options;
    options.max_keys = 3;
    auto const tokens = cache(options);
    for (auto const* const scope : {"a", "b", "c", "a", "d"})
        token_of(tokens, scope);
    BOOST_TEST(tokens.stats().keys == 3U);
    BOOST_TEST(tokens.stats().evicted == 1U);
    BOOST_TEST(has(tokens, "a"));
    BOOST_TEST(!has(tokens, "b"));
    BOOST_TEST(has(tokens, "c"));
    BOOST_TEST(tokens.peek(tokens.key_of(scoped("c"))) != nullptr); // which is a use, too
    token_of(tokens, "e");
    BOOST_TEST(!has(tokens, "d")); // for which nobody has asked again
    BOOST_TEST(has(tokens, "a"));
    BOOST_TEST(has(tokens, "c"));
    BOOST_TEST(mock.requests() == 5U);
}

BOOST_AUTO_TEST_CASE(J10_a_key_whose_token_has_expired_goes_before_one_that_is_older) {
    sts::cache_options options;
    options.max_keys = 3;
    options.refresh.max_lifetime = 1h;
    auto const tokens = cache(options);
    token_of(tokens, "a");
    mock.next(canned(0)); // serves who waits, and is not kept
    token_of(tokens, "b");
    token_of(tokens, "c");
    token_of(tokens, "d");
    BOOST_TEST(has(tokens, "a"));
    BOOST_TEST(!has(tokens, "b"));
    BOOST_TEST(has(tokens, "c"));
}

BOOST_AUTO_TEST_CASE(J10_a_key_whose_token_was_given_up_goes_before_one_that_is_older) {
    sts::cache_options options;
    options.max_keys = 3;
    auto const tokens = cache(options);
    token_of(tokens, "a");
    auto const rejected = token_of(tokens, "b");
    token_of(tokens, "c");
    tokens.invalidate(tokens.key_of(scoped("b")), *rejected);
    token_of(tokens, "d");
    BOOST_TEST(has(tokens, "a"));
    BOOST_TEST(!has(tokens, "b"));
}

BOOST_AUTO_TEST_CASE(J10_where_each_key_is_waited_for_another_is_refused) {
    mock.always(mock_answer::genuine().hold());
    sts::cache_options options;
    options.max_keys = 2;
    auto const tokens = cache(options);
    waiting first(context, wanting(tokens, "a")), second(context, wanting(tokens, "b"));
    run_until(context, [&] { return mock.requests() == 2; });
    auto const refused = get(tokens, "c");
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST(refused.error().kind == error_kind::limit);
    BOOST_TEST(contains(refused.error().message, "max_keys"));
    BOOST_TEST(tokens.stats().keys == 2U);
    BOOST_TEST(tokens.stats().evicted == 0U);
    waiting known(context, wanting(tokens, "a")); // a key that is there is no other
    mock.release();
    BOOST_TEST(first.wait().has_value());
    BOOST_TEST(second.wait().has_value());
    BOOST_TEST(known.wait().has_value());
    BOOST_TEST(get(tokens, "c").has_value());
}

BOOST_AUTO_TEST_CASE(erase_forgets_a_key_unless_somebody_waits_for_it) {
    auto const tokens = cache();
    auto const first = token_of(tokens, "a");
    auto const name = tokens.key_of(scoped("a"));
    tokens.erase(name);
    tokens.erase(name);
    BOOST_TEST(tokens.peek(name) == nullptr);
    BOOST_TEST(!tokens.stats(name));
    BOOST_TEST(tokens.stats().keys == 0U);
    BOOST_TEST(tokens.stats().tokens.refreshed == 1U); // what was done stays counted
    mock.next(mock_answer::genuine().hold());
    waiting again(context, wanting(tokens, "a"));
    run_until(context, [&] { return mock.requests() == 2; });
    tokens.erase(name);
    BOOST_TEST(tokens.stats().keys == 1U);
    mock.release();
    auto const second = *again.wait();
    BOOST_TEST(second != first);
    BOOST_TEST(tokens.peek(name) == second);
}

BOOST_AUTO_TEST_CASE(erase_ends_what_is_under_way_in_the_background) {
    auto const tokens = cache();
    mock.next(canned(4));
    token_of(tokens, "a");
    auto const name = tokens.key_of(scoped("a"));
    mock.next(mock_answer::genuine().hold());
    while (mock.requests() != 2) { // until it is due, which is before it ends
        BOOST_REQUIRE(tokens.peek(name) != nullptr);
        context.restart();
        context.run_for(10ms);
    }
    tokens.erase(name);
    BOOST_TEST(tokens.peek(name) == nullptr);
    mock.release();
    run_until(context, [&] { return tokens.stats().tokens.in_flight == 0; });
    BOOST_TEST(tokens.peek(name) == nullptr);
    BOOST_TEST(tokens.stats().keys == 0U);
    BOOST_TEST(tokens.stats().tokens.refreshed == 1U);
}

BOOST_AUTO_TEST_CASE(erase_means_the_token_of_an_exchange_that_has_just_ended_as_well) {
    // To the cache of a client on a strand it is told by a post.
    sts::client const on_strand(asio::make_strand(context), one_attempt());
    sts::token_cache const tokens(on_strand, sts::cache_options());
    mock.next(canned(3600));
    asio::cancellation_signal leave;
    asio::co_spawn(context, tokens.try_get(scoped("a")),
                   asio::bind_cancellation_slot(leave.slot(), asio::detached));
    std::optional<token_outcome> got;
    asio::co_spawn(context, erase_and_get(tokens, on_strand, scoped("a"), leave),
                   [&](std::exception_ptr const&, token_outcome one) { got.emplace(std::move(one)); });
    run_until(context, [&] { return got.has_value(); });
    BOOST_REQUIRE(got->has_value());
    BOOST_TEST(((**got)->access_token.reveal() != "abc"));
    BOOST_TEST(tokens.peek(tokens.key_of(scoped("a"))) == **got);
}

BOOST_AUTO_TEST_CASE(L4_a_supplier_that_goes_with_its_key_may_call_the_cache) {
    struct nosy final : sts::subject_token_supplier {
        nosy(std::string what, sts::token_cache& where) : token(std::move(what)), cache(where) {}
        ~nosy() override { cache.stats(); }
        asio::awaitable<sts::subject_token> supply(sts::supply_context) override {
            co_return sts::subject_token(token);
        }
        std::string describe() const override { return "nosy"; }
        std::string const token;
        sts::token_cache& cache;
    };
    sts::cache_options options;
    options.max_keys = 1;
    auto tokens = cache(options);
    for (bool const by_erasing : {false, true}) {
        std::weak_ptr<nosy> gone;
        std::optional<sts::token_cache::key> name;
        {
            auto const supplier = std::make_shared<nosy>(workload, tokens);
            gone = supplier;
            auto const asking = sts::exchange_request(supplier).scope(sts::scope("a"));
            name = tokens.key_of(asking);
            waiting one(context, [&] { return tokens.try_get(asking); });
            BOOST_TEST(one.wait().has_value());
            run_until(context, [&] { return tokens.stats().tokens.in_flight == 0; });
        }
        context.poll();
        BOOST_TEST(!gone.expired());
        if (by_erasing)
            tokens.erase(*name);
        else
            token_of(tokens, "another");
        BOOST_TEST(gone.expired());
    }
}

BOOST_AUTO_TEST_CASE(J9_a_token_is_given_up_for_its_key_alone) {
    auto const tokens = cache();
    auto const a = token_of(tokens, "a"), b = token_of(tokens, "b");
    auto const name_a = tokens.key_of(scoped("a")), name_b = tokens.key_of(scoped("b"));
    tokens.invalidate(name_b, *a); // is not b's
    tokens.invalidate(tokens.key_of(scoped("unknown")), *a);
    BOOST_TEST(tokens.peek(name_a) == a);
    BOOST_TEST(tokens.peek(name_b) == b);
    for (int i = 0; i < 1000; ++i)
        tokens.invalidate(name_a, *a);
    BOOST_TEST(tokens.peek(name_a) == nullptr);
    BOOST_TEST(tokens.peek(name_b) == b);
    BOOST_TEST(token_of(tokens, "a") != a);
    BOOST_TEST(mock.requests() == 3U);
    BOOST_TEST(tokens.stats().tokens.invalidated == 1U);
}

BOOST_AUTO_TEST_CASE(numbers_are_kept_by_key_and_in_all) {
    auto const tokens = cache();
    token_of(tokens, "a");
    token_of(tokens, "a");
    token_of(tokens, "a");
    mock.next(mock_answer::error(403, "access_denied"));
    BOOST_TEST(get(tokens, "b").has_error());
    auto const a = tokens.stats(tokens.key_of(scoped("a")));
    BOOST_REQUIRE(a);
    BOOST_TEST(a->hits == 2U);
    BOOST_TEST(a->misses == 1U);
    BOOST_TEST(a->fetches == 1U);
    BOOST_TEST(a->refreshed == 1U);
    BOOST_TEST(a->failed == 0U);
    BOOST_TEST(a->served_until.has_value());
    BOOST_TEST(!a->last_error);
    auto const b = tokens.stats(tokens.key_of(scoped("b")));
    BOOST_REQUIRE(b);
    BOOST_TEST(b->failed == 1U);
    BOOST_TEST(!b->served_until);
    BOOST_REQUIRE(b->last_error);
    BOOST_TEST(b->last_error->oauth_error == "access_denied");
    auto const all = tokens.stats();
    BOOST_TEST(all.keys == 2U);
    BOOST_TEST(all.tokens.hits == 2U);
    BOOST_TEST(all.tokens.misses == 2U);
    BOOST_TEST(all.tokens.fetches == 2U);
    BOOST_TEST(all.tokens.refreshed == 1U);
    BOOST_TEST(all.tokens.failed == 1U);
    BOOST_TEST(all.tokens.waiting == 0U);
    BOOST_TEST(all.tokens.in_flight == 0U);
    BOOST_REQUIRE(all.tokens.last_error);
    BOOST_TEST(!tokens.stats(tokens.key_of(scoped("c"))));
}

BOOST_AUTO_TEST_CASE(J5_a_refusal_is_remembered_for_its_key_alone) {
    mock.next(mock_answer::error(403, "access_denied"));
    auto const tokens = cache();
    for (int i = 0; i < 20; ++i) {
        auto const refused = get(tokens, "bad");
        BOOST_REQUIRE(refused.has_error());
        BOOST_TEST(refused.error().oauth_error == "access_denied");
    }
    BOOST_TEST(get(tokens, "good").has_value());
    BOOST_TEST(mock.requests() == 2U);
    BOOST_TEST(tokens.stats(tokens.key_of(scoped("bad")))->refused == 19U);
}

BOOST_AUTO_TEST_CASE(J6_a_token_asked_for_late_in_its_life_is_refreshed_in_the_background) {
    mock.next(canned(4));
    auto const tokens = cache();
    auto const first = token_of(tokens, "a");
    auto const name = tokens.key_of(scoped("a"));
    run_until(context, [&] {
        asio::post(context, [] {}); // there is no timer: what begins it is the look
        tokens.peek(name);
        return tokens.stats().tokens.fetches == 2;
    });
    run_until(context, [&] { return tokens.stats().tokens.refreshed == 2; });
    auto const second = tokens.peek(name);
    BOOST_REQUIRE(second != nullptr);
    BOOST_TEST(second != first);
    BOOST_TEST(tokens.stats().tokens.misses == 1U);
}

BOOST_AUTO_TEST_CASE(shutdown_lets_those_who_wait_have_their_token) {
    mock.next(mock_answer::genuine().hold());
    auto const tokens = cache();
    waiting one(context, wanting(tokens, "a"));
    run_until(context, [&] { return mock.requests() == 1; });
    bool ended = false;
    asio::co_spawn(context, tokens.shutdown(), [&](std::exception_ptr const&) { ended = true; });
    context.poll();
    waiting late(context, wanting(tokens, "b"));
    BOOST_TEST(late.canceled());
    BOOST_TEST(!ended);
    mock.release();
    BOOST_TEST(one.wait().has_value());
    run_until(context, [&] { return ended; });
    BOOST_TEST(tokens.peek(tokens.key_of(scoped("a"))) == nullptr);
}

BOOST_AUTO_TEST_CASE(close_ends_every_wait_and_forgets_every_token) {
    mock.next(mock_answer::genuine());
    mock.always(mock_answer::genuine().hold());
    sts::cache_options options;
    options.max_in_flight = 2;
    auto const tokens = cache(options);
    token_of(tokens, "held");
    std::deque<waiting> all;
    for (auto const* const scope : {"a", "b", "c", "d"}) // of which two stand in the queue
        all.emplace_back(context, wanting(tokens, scope));
    run_until(context, [&] { return mock.requests() == 3; });
    tokens.close();
    tokens.close();
    for (auto& one : all)
        BOOST_TEST(one.canceled());
    waiting late(context, wanting(tokens, "held"));
    BOOST_TEST(late.canceled());
    BOOST_TEST(tokens.peek(tokens.key_of(scoped("held"))) == nullptr);
    context.restart();
    context.run(); // returns: nothing is left of it
    BOOST_TEST(tokens.stats().tokens.in_flight == 0U);
    mock.release();
}

BOOST_AUTO_TEST_CASE(J11_the_last_handle_ends_the_cache) {
    mock.always(mock_answer::genuine().hold());
    std::optional<sts::token_cache> tokens(cache());
    auto request = scoped("a");
    auto wait = tokens->try_get(request);
    BOOST_TEST(mock.requests() == 0U);
    tokens.reset(); // the coroutine, not yet begun, holds it
    waiting one(context, [&] { return std::move(wait); });
    run_until(context, [&] { return mock.requests() == 1; });
    mock.release();
    BOOST_TEST(one.wait().has_value());
    context.restart();
    context.run();
}

BOOST_AUTO_TEST_CASE(J11_a_context_that_goes_first_takes_those_who_wait_along) {
    mock.always(mock_answer::genuine().hold());
    sts::cache_options options;
    options.max_in_flight = 1;
    std::optional<sts::token_cache> tokens;
    int resumed = 0;
    {
        asio::io_context gone;
        tokens.emplace(sts::client(gone.get_executor(), one_attempt()), options);
        for (auto const* const scope : {"a", "a", "b"})
            asio::co_spawn(gone, tokens->try_get(scoped(scope)),
                           [&](std::exception_ptr const&, token_outcome const&) { ++resumed; });
        while (mock.requests() == 0)
            gone.run_one();
    }
    BOOST_TEST(resumed == 0);
    BOOST_TEST(tokens->peek(tokens->key_of(scoped("a"))) == nullptr);
    BOOST_TEST(get(*tokens, "a").error().kind == error_kind::canceled);
    for (auto const* const scope : {"a", "b"}) // one was on its way, the other in the queue
        tokens->erase(tokens->key_of(scoped(scope)));
    mock.release();
}

BOOST_AUTO_TEST_CASE(an_idle_cache_has_no_timer) {
    auto const used = client(one_attempt());
    sts::token_cache const tokens(used, sts::cache_options());
    auto const held = token_of(tokens, "a");
    used.close(); // whose idle connections are work
    context.restart();
    context.run(); // returns, though there is a token that will be due
    BOOST_TEST(tokens.peek(tokens.key_of(scoped("a"))) == held);
}

BOOST_AUTO_TEST_CASE(an_option_that_cannot_work_is_named) {
    sts::cache_options options;
    options.max_keys = 0;
    BOOST_TEST(contains(refusal([&] { cache(options); }), "cache_options::max_keys"));
    BOOST_TEST(test::refused_by([&] { cache(options); }).option == "cache_options::max_keys");
    options = {};
    options.max_in_flight = 0;
    BOOST_TEST(contains(refusal([&] { cache(options); }), "cache_options::max_in_flight"));
    BOOST_TEST(test::refused_by([&] { cache(options); }).option == "cache_options::max_in_flight");
    options = {};
    options.refresh.max_margin = -1s;
    BOOST_TEST(contains(refusal([&] { cache(options); }), "max_margin"));
}

// ---- many
// ---------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(J1_J10_ten_thousand_callers_of_a_thousand_keys_cost_a_request_each_key) {
    mock.always(canned(3600));
    auto const tokens = cache();
    tally all;
    all.left = 10'000;
    for (int i = 0; i < 10'000; ++i)
        asio::co_spawn(context, take(tokens, scoped("s" + std::to_string(i % 1000)), all), asio::detached);
    run_until(context, [&] { return all.left == 0; });
    BOOST_TEST(all.tokens == 10'000);
    BOOST_TEST(mock.requests() == 1000U);
    auto const stats = tokens.stats();
    BOOST_TEST(stats.keys == 1000U);
    BOOST_TEST(stats.evicted == 0U);
    BOOST_TEST(stats.tokens.fetches == 1000U);
}

BOOST_AUTO_TEST_CASE(J10_any_number_of_keys_leaves_a_bounded_cache) {
    auto const* const wanted = std::getenv("EQUINIX_STS_KEYS"); // NOLINT(concurrency-mt-unsafe)
    int const count = wanted != nullptr ? std::atoi(wanted) : 20'000;
    mock.always(canned(3600));
    auto const tokens = cache();
    tally all;
    int next = 0;
    all.left = 64;
    for (int i = 0; i < 64; ++i)
        asio::co_spawn(context, fill(tokens, scoped("s"), next, count, all), asio::detached);
    run_until(context, [&] { return all.left == 0; });
    BOOST_TEST(all.tokens == count);
    auto const stats = tokens.stats();
    BOOST_TEST(stats.keys == 1024U);
    BOOST_TEST(stats.evicted == static_cast<std::uint64_t>(count) - 1024U);
    BOOST_TEST(stats.tokens.refreshed == static_cast<std::uint64_t>(count));
}

BOOST_AUTO_TEST_CASE(a_table_that_grows_loses_no_key) {
    mock.always(canned(3600));
    sts::cache_options options;
    options.max_keys = 100'000;
    auto const tokens = cache(options);
    tally all;
    int next = 0;
    all.left = 64;
    for (int i = 0; i < 64; ++i)
        asio::co_spawn(context, fill(tokens, scoped("s"), next, 5000, all), asio::detached);
    run_until(context, [&] { return all.left == 0; });
    BOOST_TEST(all.tokens == 5000);
    int lost = 0;
    for (int i = 0; i < 5000; ++i)
        if (!tokens.peek(tokens.key_of(scoped("s" + std::to_string(i))))) ++lost;
    BOOST_TEST(lost == 0);
    BOOST_TEST(tokens.stats().keys == 5000U);
}

BOOST_AUTO_TEST_SUITE_END()
