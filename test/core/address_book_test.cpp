// In which order a host's addresses are tried after failures (case G18 of doc/faults.md), in simulated time.
#include "core/address_book.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace std::chrono_literals;

namespace {

using order = std::vector<std::size_t>;

core::address_bytes address(unsigned char last) {
    core::address_bytes made{};
    made[15] = last;
    return made;
}

struct fixture {
    base::clock::time_point now = base::clock::time_point() + 1000h;
    std::vector<core::address_bytes> host = {address(1), address(2), address(3)};
    core::address_book book;

    fixture() { book.arrange(host, now); }

    void check(order const& expected) {
        BOOST_TEST(book.arrange(host, now) == expected, boost::test_tools::per_element());
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(address_book, fixture)

BOOST_AUTO_TEST_CASE(keeps_the_order_while_nothing_fails) {
    check({0, 1, 2});
}

BOOST_AUTO_TEST_CASE(G18_an_address_that_failed_is_tried_after_the_others) {
    BOOST_TEST(book.failed(address(1), now));
    BOOST_TEST(book.entries().front().is_avoided(now));
    check({1, 2, 0});
}

BOOST_AUTO_TEST_CASE(G18_only_for_a_while) {
    book.failed(address(1), now);
    now += core::address_book::avoided_for - 1ns;
    check({1, 2, 0});
    now += 1ns;
    check({0, 1, 2});
    BOOST_TEST(book.failed(address(1), now));
}

BOOST_AUTO_TEST_CASE(G18_a_failure_in_that_time_prolongs_it) {
    book.failed(address(1), now);
    now += 20s;
    BOOST_TEST(!book.failed(address(1), now));
    now += 20s;
    check({1, 2, 0});
}

BOOST_AUTO_TEST_CASE(G18_one_that_works_again_is_not_avoided) {
    book.failed(address(1), now);
    book.worked(address(1));
    check({0, 1, 2});
}

BOOST_AUTO_TEST_CASE(G18_when_all_are_bad_all_are_tried_and_the_first_that_failed_first) {
    book.failed(address(2), now);
    book.failed(address(3), now += 1s);
    book.failed(address(1), now += 1s);
    check({1, 2, 0});
}

BOOST_AUTO_TEST_CASE(G18_knows_whether_there_is_another_address) {
    BOOST_TEST(book.has_other(address(1), now));
    book.failed(address(2), now);
    book.failed(address(3), now);
    BOOST_TEST(!book.has_other(address(1), now));
    BOOST_TEST(book.has_other(address(2), now));
    host = {address(1)};
    book.arrange(host, now);
    BOOST_TEST(!book.has_other(address(1), now));
}

BOOST_AUTO_TEST_CASE(G18_remembers_an_address_that_is_missing_from_one_answer) {
    book.failed(address(1), now);
    host = {address(2), address(3)};
    check({0, 1});
    BOOST_TEST(book.listed() == 2U);
    BOOST_TEST(!book.failed(address(1), now)); // a connection to it may still live
    book.failed(address(3), now);
    BOOST_TEST(!book.has_other(address(2), now)); // only what the host has now counts
    host = {address(1), address(2)};
    check({1, 0});
}

BOOST_AUTO_TEST_CASE(G18_of_an_unknown_address_nothing_follows) {
    BOOST_TEST(!book.failed(address(9), now));
    BOOST_TEST(!book.has_other(address(9), now));
}

BOOST_AUTO_TEST_CASE(G18_a_resolver_that_answers_differently_each_time_fills_no_memory) {
    for (unsigned char i = 0; i < 250; ++i) {
        host = {address(i)};
        check({0});
    }
    BOOST_TEST(book.entries().size() == core::address_book::most_entries);
}

BOOST_AUTO_TEST_CASE(an_address_counts_its_connections_and_failures) {
    book.connected(address(2));
    book.connected(address(2));
    book.failed(address(2), now);
    BOOST_TEST(book.entries()[1].connections == 2U);
    BOOST_TEST(book.entries()[1].failures == 1U);
    BOOST_TEST(book.entries()[0].connections == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
