// Which options for a store are refused.
#include "client/fleet.hpp"
#include "support/refused.hpp"

using namespace test;
using namespace std::chrono_literals;
using sts::error_kind;

BOOST_FIXTURE_TEST_SUITE(token_store, fleet)

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

BOOST_AUTO_TEST_SUITE_END()
