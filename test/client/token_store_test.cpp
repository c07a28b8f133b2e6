// Sources and caches that share their tokens through a store (section P of doc/faults.md).
#include "client/fleet.hpp"
#include "support/process.hpp"
#include "testing/certificates.hpp"

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

using namespace test;
using namespace std::chrono_literals;
using sts::testing::mock_answer;

BOOST_FIXTURE_TEST_SUITE(token_store, fleet)

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

BOOST_AUTO_TEST_SUITE_END()
