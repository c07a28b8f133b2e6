#include "base/http_date.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace base = equinix::sts::base;
using namespace std::chrono;

namespace {

constexpr sys_seconds now = sys_days(2026y / November / 23) + 12h;
constexpr sys_seconds moment = sys_days(1994y / November / 6) + 8h + 49min + 37s;

} // namespace

BOOST_AUTO_TEST_SUITE(http_date)

BOOST_AUTO_TEST_CASE(reads_the_three_forms) {
    for (auto const* const text :
         {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
        auto const read = base::parse_http_date(text, now);
        BOOST_REQUIRE_MESSAGE(read, text);
        BOOST_TEST((*read == moment), text);
    }
}

BOOST_AUTO_TEST_CASE(takes_a_two_digit_year_as_the_nearest_within_50_years) {
    auto const in_75 = base::parse_http_date("Wednesday, 06-Nov-75 08:49:37 GMT", now);
    BOOST_REQUIRE(in_75);
    BOOST_TEST((*in_75 == sys_days(2075y / November / 6) + 8h + 49min + 37s));
    auto const in_77 = base::parse_http_date("Sunday, 06-Nov-77 08:49:37 GMT", now);
    BOOST_REQUIRE(in_77);
    BOOST_TEST((*in_77 == sys_days(1977y / November / 6) + 8h + 49min + 37s));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_ill_formed) {
    std::vector<char const*> const texts = {"",
                                            "Sun",
                                            "Sun, 06 Nov 1994 08:49:37",
                                            "Sun, 06 Nov 1994 08:49:37 UTC",
                                            "Sun, 06 Nov 1994 08:49:37 GMT ",
                                            " Sun, 06 Nov 1994 08:49:37 GMT",
                                            "Mon, 06 Nov 1994 08:49:37 GMT",
                                            "Sun, 31 Feb 1994 08:49:37 GMT",
                                            "Sun, 06 Nov 1994 24:00:00 GMT",
                                            "Sun, 06 Nov 1994 08:60:37 GMT",
                                            "Sun, 06 Nov 1994 08:49:61 GMT",
                                            "Sun, 6 Nov 1994 08:49:37 GMT",
                                            "sun, 06 nov 1994 08:49:37 GMT",
                                            "Sun Nov 06 08:49:37 19940",
                                            "Sun, 06 Nov -994 08:49:37 GMT"};
    for (auto const* const text : texts)
        BOOST_TEST(!base::parse_http_date(text, now), text);
}

BOOST_AUTO_TEST_CASE(reads_the_times_of_rfc_3339) {
    for (auto const* const text :
         {"1994-11-06T08:49:37Z", "1994-11-06t08:49:37z", "1994-11-06T08:49:37.000Z",
          "1994-11-06T08:49:37.9+00:00", "1994-11-06T10:19:37+01:30", "1994-11-05T23:49:37-09:00"}) {
        auto const read = base::parse_iso_time(text);
        BOOST_REQUIRE_MESSAGE(read, text);
        BOOST_TEST((*read == moment), text);
    }
    BOOST_TEST((base::parse_iso_time(base::iso_time(moment)) == moment));
    for (auto const* const text :
         {"", "1994-11-06", "1994-11-06T08:49:37", "1994-11-06 08:49:37Z", "1994-13-06T08:49:37Z",
          "1994-11-31T08:49:37Z", "1994-11-06T24:49:37Z", "1994-11-06T08:49:37.Z", "1994-11-06T08:49:37ZZ",
          "1994-11-06T08:49:37+0100", "1994-11-06T08:49:37+25:00", "94-11-06T08:49:37Z"})
        BOOST_TEST(!base::parse_iso_time(text), text);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(retry_after)

BOOST_AUTO_TEST_CASE(reads_seconds) {
    BOOST_TEST((base::parse_retry_after("0", now) == 0s));
    BOOST_TEST((base::parse_retry_after("120", now) == 120s));
}

BOOST_AUTO_TEST_CASE(reads_a_date_as_the_wait_until_then) {
    BOOST_TEST((base::parse_retry_after("Mon, 23 Nov 2026 12:00:30 GMT", now) == 30s));
}

BOOST_AUTO_TEST_CASE(takes_a_date_in_the_past_as_no_wait) {
    BOOST_TEST((base::parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now) == 0s));
}

BOOST_AUTO_TEST_CASE(clamps_a_number_that_is_too_large) {
    BOOST_TEST((base::parse_retry_after("9223372036854775807", now) == seconds::max()));
    BOOST_TEST((base::parse_retry_after("99999999999999999999999", now) == seconds::max()));
}

BOOST_AUTO_TEST_CASE(ignores_what_is_ill_formed) {
    for (auto const* const text : {"", "-1", "+1", "1.5", "1 ", "soon", "0x10"})
        BOOST_TEST(!base::parse_retry_after(text, now), text);
}

BOOST_AUTO_TEST_SUITE_END()
