// A flight for a token that was invalidated.
#include "core/store_fsm_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>

using namespace equinix::sts;
using fixture = test::store_fsm_fixture;

namespace {

struct invalidated : fixture {
    invalidated() { wanted.refused = secret("refused"); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(store_fsm, fixture)

BOOST_FIXTURE_TEST_CASE(P12_another_token_than_the_refused_one_is_used, invalidated) {
    store(record_of("another"));
    begin();
    BOOST_TEST(looked() == action::serve);
}

BOOST_FIXTURE_TEST_CASE(P12_the_refused_one_is_removed_and_exchanged_anew, invalidated) {
    store(record_of("refused"));
    begin();
    BOOST_TEST(looked() == action::swap);
    BOOST_TEST(flight->expected().value() == record.value());
    BOOST_TEST(flight->desired() == nullptr);
    BOOST_TEST((flight->life() == std::chrono::milliseconds(1)));
    BOOST_TEST(answered() == action::acquire);
    record.reset();
    BOOST_TEST(acquired(true) == action::look);
    BOOST_TEST(looked() == action::exchange);
    BOOST_TEST(exchanged(token_of("fresh")) == action::swap);
    BOOST_TEST(!flight->expected().has_value());
}

BOOST_FIXTURE_TEST_CASE(P12_the_refused_one_is_never_served_even_if_it_comes_back, invalidated) {
    store(record_of("refused"));
    begin();
    looked();
    BOOST_TEST(answered(false) == action::acquire);
    BOOST_TEST(acquired(true) == action::look); // not serve
    BOOST_TEST(flight->name() == wanted.cool_down_name);
}

BOOST_AUTO_TEST_SUITE_END()
