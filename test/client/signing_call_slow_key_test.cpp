// Exchanges that wait for the signatures of a slow key (case O8 of doc/faults.md).
#include "client/bound_service.hpp"

#include <boost/asio/detached.hpp>

#include <cstddef>

using namespace test;
using sts::signing_algorithm;
using sts::signing_key;

BOOST_FIXTURE_TEST_SUITE(dpop, bound)

BOOST_AUTO_TEST_CASE(O8_a_slow_key_signs_on_another_thread_and_the_wait_can_be_cancelled) {
    auto const slow = signing_key::generate(signing_algorithm::rs256);
    auto const sts_client = client();
    auto const all = begin(sts_client, 50, request().proof(slow));
    context.restart();
    context.poll(); // they have begun
    for (std::size_t i = 0; i < all.size(); i += 2)
        all[i]->cancel();
    std::size_t tokens = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto const canceled = i % 2 == 0 && all[i]->canceled();
        tokens += !canceled && all[i]->wait().has_value() ? 1 : 0;
    }
    BOOST_TEST(tokens >= 25U);
    BOOST_TEST(all_differ(identifiers()));
}

BOOST_AUTO_TEST_CASE(O8_closing_ends_the_wait_for_signatures) {
    auto const slow = signing_key::generate(signing_algorithm::rs256);
    auto const sts_client = client();
    auto const all = begin(sts_client, 20, request().proof(slow));
    context.restart();
    context.poll();
    sts_client.close();
    for (auto const& one : all)
        BOOST_TEST(one->canceled());
}

BOOST_AUTO_TEST_CASE(O8_the_context_may_go_while_signatures_are_made) {
    auto const slow = signing_key::generate(signing_algorithm::rs256);
    std::optional<sts::client> kept;
    {
        asio::io_context other;
        kept.emplace(other.get_executor(), options());
        for (int i = 0; i < 20; ++i)
            asio::co_spawn(other, kept->try_exchange(request().proof(slow)), asio::detached);
        other.poll();
    }
    BOOST_TEST(kept->stats().open == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
