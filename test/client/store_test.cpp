// Sources and caches that share their tokens through a store (section P of doc/faults.md).
#include "support/process.hpp"
#include "support/refused.hpp"
#include "support/token_source.hpp"
#include "testing/certificates.hpp"

#include <equinix/sts/suppliers.hpp>
#include <equinix/sts/testing/memory_store.hpp>

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;
using sts::testing::memory_store;
using sts::testing::mock_answer;
using sts::testing::store_fault;
using fault = store_fault::type;

namespace {

/// A fleet: each source has a client of its own, and they share a store.
struct fleet : sourced {
    using sourced::sourced;

    sts::refresh_options sharing() const {
        sts::refresh_options made;
        made.sharing.store = store;
        made.sharing.keys = {key};
        return made;
    }
    sts::token_source member() { return member(sharing()); }
    sts::token_source member(sts::refresh_options const& how) { return source(client(), asked, how); }

    /// Until nothing is written or released any longer.
    void settle(sts::token_source const& one) {
        bool done = false;
        asio::co_spawn(context, one.shutdown(), [&](std::exception_ptr) { done = true; });
        run_until(context, [&] { return done; });
    }
    void pause(std::chrono::milliseconds how_long) {
        bool over = false;
        asio::steady_timer timer(context, how_long);
        timer.async_wait([&](auto) { over = true; });
        run_until(context, [&] { return over; });
    }
    void fail_all(store_fault how) {
        store->faults([how](auto, auto) { return how; });
    }
    std::string text_of(sts::token_source const& from) {
        return std::string(token_of(from)->access_token.reveal());
    }

    sts::secret const key{std::string(32, 'k')};
    sts::exchange_request const asked = request();
    std::shared_ptr<memory_store> const store = std::make_shared<memory_store>();
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_store, fleet)

// ---- sharing ----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_second_process_gets_the_token_of_the_first) {
    auto const first = member(), second = member();
    auto const got = token_of(first);
    run_until(context, [&] { return first.stats().store.written == 1; });
    auto const shared = token_of(second);
    BOOST_TEST(shared->access_token.reveal() == got->access_token.reveal());
    BOOST_TEST(shared->token_type == got->token_type);
    BOOST_TEST(shared->issued_token_type == got->issued_token_type);
    BOOST_TEST((shared->scope == got->scope));
    BOOST_TEST((shared->expires_in == got->expires_in));
    BOOST_TEST((shared->expires->steady <= got->expires->steady + 1ms));
    BOOST_TEST((shared->expires->steady >= got->expires->steady - 10s));
    BOOST_TEST(mock.requests() == 1U);
    auto const numbers = second.stats();
    BOOST_TEST(numbers.store.hits == 1U);
    BOOST_TEST(numbers.fetches == 0U);
    BOOST_TEST(numbers.refreshed == 1U);
}

BOOST_AUTO_TEST_CASE(P10_many_that_ask_at_once_make_one_exchange) {
    mock.next(mock_answer::genuine().delay(100ms));
    std::deque<sts::token_source> members;
    std::deque<waiting> waits;
    for (int i = 0; i < 50; ++i) {
        members.push_back(member());
        waits.emplace_back(context, [&] { return members.back().try_get(); });
    }
    for (auto& one : waits)
        BOOST_TEST(one.wait().has_value());
    BOOST_TEST(mock.requests() == 1U);
    std::uint64_t won = 0, awaited = 0;
    for (auto const& one : members) {
        won += one.stats().store.leases_won;
        awaited += one.stats().store.leases_awaited;
    }
    BOOST_TEST(won == 1U);
    BOOST_TEST(awaited == 49U);
}

BOOST_AUTO_TEST_CASE(other_requests_other_namespaces_and_other_keys_share_nothing) {
    auto const first = member();
    auto const got = text_of(first);
    run_until(context, [&] { return first.stats().store.written == 1; });
    auto elsewhere = sharing();
    elsewhere.sharing.name_space = "elsewhere";
    auto foreign = sharing();
    foreign.sharing.keys = {sts::secret(std::string(32, 'f'))};
    BOOST_TEST(text_of(member(elsewhere)) != got);
    BOOST_TEST(text_of(member(foreign)) != got);
    BOOST_TEST(text_of(source(client(), request().scope(sts::scope("other")), sharing())) != got);
    BOOST_TEST(mock.requests() == 4U);
}

BOOST_AUTO_TEST_CASE(P5_a_key_is_changed_in_three_steps_without_an_exchange) {
    sts::secret const fresh(std::string(32, 'n'));
    auto const with = [&](std::vector<sts::secret> keys) {
        auto made = sharing();
        made.sharing.keys = std::move(keys);
        return member(made);
    };
    auto const first = with({key});
    auto const got = text_of(first);
    run_until(context, [&] { return first.stats().store.written == 1; });
    BOOST_TEST(text_of(with({key, fresh})) == got);
    BOOST_TEST(text_of(with({fresh, key})) == got);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(a_cache_shares_by_the_whole_subject_token) {
    sts::cache_options options;
    options.refresh = sharing();
    sts::token_cache const one(client(), options), other(client(), options);
    auto const get = [&](sts::token_cache const& from, sts::exchange_request const& what) {
        waiting wait(context, [&] { return from.try_get(what); });
        return std::string((*wait.wait())->access_token.reveal());
    };
    sts::testing::id_token_claims claims;
    claims.subject("someone else");
    auto const theirs = request(claims);
    auto const got = get(one, asked);
    run_until(context, [&] { return one.stats().tokens.store.written == 1; });
    BOOST_TEST(get(other, asked) == got);
    BOOST_TEST(get(other, theirs) != got);
    BOOST_TEST(mock.requests() == 2U);
    BOOST_TEST(other.stats().tokens.store.hits == 1U);
}

BOOST_AUTO_TEST_CASE(an_identity_shares_though_each_process_has_another_subject_token) {
    auto how = sharing();
    how.sharing.identity = "payments";
    auto const supplied = [&](std::string const& jti) {
        sts::testing::id_token_claims claims;
        claims.subject(jti);
        auto const text = std::string(request(claims).subject()->token().reveal());
        return sts::exchange_request(sts::suppliers::literal(sts::subject_token(text)))
            .scope(sts::scope::role_assignments("1"));
    };
    auto const first = source(client(), supplied("one"), how);
    auto const got = text_of(first);
    run_until(context, [&] { return first.stats().store.written == 1; });
    BOOST_TEST(text_of(source(client(), supplied("two"), how)) == got);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(P16_a_token_without_a_lifetime_is_not_shared) {
    mock.always(mock_answer::with(200, R"({"access_token":"a","token_type":"Bearer","issued_token_type":)"
                                       R"("urn:ietf:params:oauth:token-type:access_token"})"));
    auto const one = member();
    token_of(one);
    settle(one);
    BOOST_TEST(store->names().empty());
    BOOST_TEST(store->leases() == 0U);
}

BOOST_AUTO_TEST_CASE(N13_a_token_that_is_bound_to_a_key_is_not_shared) {
    auto const key_of_this = sts::signing_key::generate();
    int told = 0;
    auto options = this->options();
    options.observer = [&](sts::event const& what) {
        told += what.type == sts::event_type::store_unshared ? 1 : 0;
    };
    auto const one = source(client(options), sts::exchange_request(asked).proof(key_of_this), sharing());
    BOOST_TEST(token_of(one)->token_type == "DPoP");
    settle(one);
    BOOST_TEST(store->names().empty());
    BOOST_TEST(store->leases() == 0U);
    BOOST_TEST(one.stats().store.unshared == 1U);
    BOOST_TEST(told == 1);
    BOOST_TEST(!one.stats().store.last_error.has_value());
}

BOOST_AUTO_TEST_CASE(N13_nor_one_that_says_so_itself) {
    // {"cnf":{"x5t#S256":"a"}}, as a certificate-bound token has it (RFC 8705 section 3.1)
    mock.always(mock_answer::with(
        200,
        R"({"access_token":"e30.eyJjbmYiOnsieDV0I1MyNTYiOiJhIn19.AA","token_type":"Bearer","expires_in":600,)"
        R"("issued_token_type":"urn:ietf:params:oauth:token-type:access_token"})"));
    auto const one = member();
    auto const first = token_of(one);
    run_until(context, [&] { return one.stats().store.unshared == 1; });
    one.invalidate(*first);
    token_of(one); // without a look at the store
    settle(one);
    BOOST_TEST(store->names().empty());
    BOOST_TEST(store->leases() == 0U);
    BOOST_TEST(one.stats().store.unshared == 2U);
    BOOST_TEST(one.stats().store.misses == 1U);
}

BOOST_AUTO_TEST_CASE(N14_a_token_of_the_old_certificate_does_not_come_back_from_the_store) {
    folder const in;
    auto const identity = sts::testing::make_server_identity({"client.test"});
    auto const path = in.file("both.pem", identity.key_pem + identity.certificate_pem);
    auto options = this->options();
    options.tls.client_certificate_file = path;
    auto const shows = client(options);
    auto const one = source(shows, asked, sharing());
    auto const before = text_of(one);
    run_until(context, [&] { return one.stats().store.written == 1; });
    auto const renewed = sts::testing::make_server_identity({"client.test"});
    in.file("both.pem", renewed.key_pem + renewed.certificate_pem);
    shows.reload_certificates();
    BOOST_TEST(text_of(one) != before);
    BOOST_TEST(mock.requests() == 2U);
    settle(one);
}

BOOST_AUTO_TEST_CASE(P12_an_invalidated_token_is_replaced_once_for_all) {
    auto const first = member(), second = member();
    auto const old = token_of(first);
    run_until(context, [&] { return first.stats().store.written == 1; });
    token_of(second);
    first.invalidate(*old);
    second.invalidate(*old);
    auto const fresh = text_of(first);
    BOOST_TEST(fresh != old->access_token.reveal());
    run_until(context, [&] { return first.stats().store.written == 2; });
    BOOST_TEST(text_of(second) == fresh);
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(P13_a_permanent_refusal_is_shared_for_a_moment) {
    mock.always(mock_answer::error(400, "invalid_scope"));
    auto const first = member(), second = member();
    BOOST_TEST(failure_of(first).oauth_error == "invalid_scope");
    run_until(context, [&] { return store->leases() == 0; });
    auto const why = failure_of(second);
    BOOST_TEST(why.oauth_error == "invalid_scope");
    BOOST_TEST(why.kind == error_kind::oauth);
    BOOST_TEST(mock.requests() == 1U);
    store->advance(1s);
    BOOST_TEST(failure_of(member()).oauth_error == "invalid_scope");
    BOOST_TEST(mock.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(P14_a_cool_down_is_shared_while_the_exchange_still_retries) {
    mock.next(mock_answer::error(429, "").header("Retry-After", "1"));
    auto const first = member();
    waiting one(context, [&] { return first.try_get(); });
    run_until(context, [&] { return store->names().size() == 1; }); // published
    BOOST_TEST(!one.done());
    auto how = sharing();
    how.sharing.name_space = "of another request, to the same service"; // which shares no lease
    auto const other = source(client(), request().scope(sts::scope("other")), sharing());
    auto const began = std::chrono::steady_clock::now();
    token_of(other);
    BOOST_TEST((std::chrono::steady_clock::now() - began >= 500ms)); // it waited; how long is a core's test
    BOOST_TEST(one.wait().has_value());
}

// ---- faults -----------------------------------------------------------------------------------------

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

BOOST_AUTO_TEST_CASE(P1_the_store_holds_nothing_in_clear) {
    auto const one = member();
    auto const got = text_of(one);
    settle(one);
    auto const names = store->names();
    BOOST_REQUIRE(names.size() == 1U);
    auto const bytes = *store->find(names.front()).bytes;
    for (auto const part : {std::string_view(got), asked.subject()->token().reveal(), key.reveal(),
                            std::string_view("Bearer"), std::string_view("localhost")})
        BOOST_TEST(bytes.find(part) == std::string::npos);
    BOOST_TEST(store->find(names.front()).left.has_value());
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

// ---- options ----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(wrong_options_are_refused_and_named) {
    auto const refuses = [&](auto change) {
        auto how = sharing();
        change(how.sharing);
        return refused_by([&] { member(how); }).option;
    };
    BOOST_TEST(refuses([](auto& it) { it.keys.clear(); }) == "store_options::keys");
    BOOST_TEST(refuses([](auto& it) { it.keys = {sts::secret("short")}; }) == "store_options::keys");
    BOOST_TEST(refuses([](auto& it) { it.bounds.command = 0ms; }) == "store_options::bounds.command");
    BOOST_TEST(refuses([](auto& it) { it.bounds.connect = 0ms; }) == "store_options::bounds.connect");
    BOOST_TEST(refuses([](auto& it) { it.lease_life = 299ms; }) == "store_options::lease_life");
    BOOST_TEST(refuses([](auto& it) { it.identity = std::string(1025, 'i'); }) == "store_options::identity");
}

BOOST_AUTO_TEST_CASE(a_supplier_needs_an_identity) {
    sts::exchange_request const supplied(sts::suppliers::literal(*asked.subject()));
    BOOST_TEST(refused_by([&] { source(client(), supplied, sharing()); }).option ==
               "store_options::identity");
}

BOOST_AUTO_TEST_CASE(a_cache_takes_no_identity_and_no_supplier) {
    sts::cache_options options;
    options.refresh = sharing();
    options.refresh.sharing.identity = "me";
    BOOST_TEST(refused_by([&] { sts::token_cache(client(), options); }).option == "store_options::identity");
    options.refresh = sharing();
    sts::token_cache const cache(client(), options);
    sts::exchange_request const supplied(sts::suppliers::literal(*asked.subject()));
    waiting wait(context, [&] { return cache.try_get(supplied); });
    auto const& got = wait.wait();
    BOOST_REQUIRE(got.has_error());
    BOOST_TEST(got.error().kind == error_kind::config);
    BOOST_TEST(got.error().option == "store_options::identity");
}

// ---- the end ----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_shutdown_waits_until_the_token_is_written) {
    auto const one = member();
    token_of(one);
    settle(one);
    BOOST_TEST(store->names().size() == 1U);
    BOOST_TEST(store->leases() == 0U);
}

BOOST_AUTO_TEST_CASE(a_close_while_another_process_exchanges_ends_the_wait) {
    mock.next(mock_answer::genuine().hold());
    auto const holder = member(), other = member();
    waiting first(context, [&] { return holder.try_get(); });
    run_until(context, [&] { return mock.requests() == 1; });
    waiting second(context, [&] { return other.try_get(); });
    run_until(context, [&] { return other.stats().store.leases_awaited == 1; });
    other.close();
    BOOST_TEST(second.canceled());
    mock.release();
    BOOST_TEST(first.wait().has_value());
}

BOOST_AUTO_TEST_CASE(the_last_caller_that_leaves_cancels_the_wait) {
    mock.next(mock_answer::genuine().hold());
    auto const holder = member(), other = member();
    waiting first(context, [&] { return holder.try_get(); });
    run_until(context, [&] { return mock.requests() == 1; });
    waiting second(context, [&] { return other.try_get(); });
    run_until(context, [&] { return other.stats().store.leases_awaited == 1; });
    second.cancel();
    BOOST_TEST(second.canceled());
    run_until(context, [&] { return other.stats().in_flight == 0; });
    mock.release();
    BOOST_TEST(first.wait().has_value());
}

BOOST_AUTO_TEST_CASE(a_cancellation_during_the_exchange_cancels_that) {
    mock.next(mock_answer::genuine().hold());
    auto const one = member();
    waiting first(context, [&] { return one.try_get(); });
    run_until(context, [&] { return mock.requests() == 1; });
    first.cancel();
    BOOST_TEST(first.canceled());
    run_until(context, [&] { return one.stats().in_flight == 0 && store->leases() == 0; });
    mock.release();
}

BOOST_AUTO_TEST_CASE(F12_the_context_may_end_at_any_moment) {
    for (int events = 0; events < 60; ++events) {
        store->clear();
        asio::io_context gone;
        sts::token_source const one(sts::client(gone.get_executor(), options()), asked, sharing());
        asio::co_spawn(gone, one.try_get(), [](auto, auto) {});
        for (int i = 0; i < events; ++i)
            gone.run_one_for(20ms);
    }
    store->clear();
    BOOST_TEST(get(member()).has_value());
}

BOOST_AUTO_TEST_CASE(F12_also_while_the_store_is_silent) {
    fail_all(store_fault(fault::silent));
    for (int events = 0; events < 8; ++events) {
        asio::io_context gone;
        sts::token_source const one(sts::client(gone.get_executor(), options()), asked, sharing());
        asio::co_spawn(gone, one.try_get(), [](auto, auto) {});
        for (int i = 0; i < events; ++i)
            gone.run_one_for(10ms);
    }
}

BOOST_AUTO_TEST_SUITE_END()
