// What a JWT's payload says of its times.
#include "base/base64.hpp"
#include "base/jwt_peek.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace base = equinix::sts::base;
using std::chrono::seconds;
using std::chrono::system_clock;

namespace {

std::string encoded(std::string_view text) {
    base::wiped_buffer out;
    base::base64url_encode(out, text);
    return std::string(base::view(out));
}

std::string jwt(std::string_view payload) {
    return encoded(R"({"alg":"none"})") + "." + encoded(payload) + ".c2lnbmF0dXJl";
}

constexpr std::int64_t none = -1;

std::int64_t count(std::optional<system_clock::time_point> const& at) {
    return at ? std::chrono::duration_cast<seconds>(at->time_since_epoch()).count() : none;
}

std::int64_t exp_of(std::string_view payload) {
    return count(base::peek_jwt(jwt(payload)).expires);
}

} // namespace

BOOST_AUTO_TEST_SUITE(jwt_peek)

BOOST_AUTO_TEST_CASE(reads_both_times) {
    auto const times =
        base::peek_jwt(jwt(R"({"iss":"a","iat":1700000000,"sub":"b","exp":1700003600,"aud":["c"]})"));
    BOOST_TEST(count(times.issued) == 1'700'000'000);
    BOOST_TEST(count(times.expires) == 1'700'003'600);
}

BOOST_AUTO_TEST_CASE(knows_when_it_is_over) {
    auto const times = base::peek_jwt(jwt(R"({"exp":1700003600})"));
    auto const end = system_clock::time_point(seconds(1'700'003'600));
    BOOST_TEST(!times.is_over(end - std::chrono::nanoseconds(1)));
    BOOST_TEST(times.is_over(end));
    BOOST_TEST(!base::peek_jwt(jwt("{}")).is_over(system_clock::time_point::max()));
}

BOOST_AUTO_TEST_CASE(what_is_no_jwt_has_no_times) {
    auto const payload = encoded(R"({"exp":5})");
    for (auto const& text :
         {std::string(), std::string("."), std::string(".."), std::string("..."), std::string("opaque"),
          payload, payload + "." + payload, payload + "." + payload + "." + payload + "." + payload,
          std::string(65'536, 'a'), std::string(65'536, '.')})
        BOOST_TEST(count(base::peek_jwt(text).expires) == none);
}

BOOST_AUTO_TEST_CASE(neither_header_nor_signature_matters) {
    BOOST_TEST(count(base::peek_jwt("." + encoded(R"({"exp":5})") + ".").expires) == 5);
}

BOOST_AUTO_TEST_CASE(a_payload_that_is_no_base64url_has_no_times) {
    auto const good = encoded(R"({"exp":1700003600})"); // of a length without padding
    BOOST_REQUIRE(good.size() % 4 == 0);
    BOOST_TEST(count(base::peek_jwt("a." + good + ".b").expires) == 1'700'003'600);
    for (auto const& bad :
         {good + "=", good + "A", good + " ", " " + good, "+" + good.substr(1), "/" + good.substr(1),
          good.substr(0, 4) + "\n" + good.substr(4), good + "\xC3\xA9"})
        BOOST_TEST(count(base::peek_jwt("a." + bad + ".b").expires) == none);
}

BOOST_AUTO_TEST_CASE(a_payload_that_is_no_object_has_no_times) {
    for (auto const* const payload :
         {"", " ", "5", "null", R"("exp")", R"([{"exp":5}])", R"(["exp",5])", R"({"exp":5)", R"({"exp":5}})",
          R"({"exp":5}{"exp":6})", R"({"exp":5},)", R"({"exp":05})", R"({"exp":})", R"({exp:5})",
          "{\"exp\":5,\"a\":\"\xff\"}"})
        BOOST_TEST(exp_of(payload) == none, payload);
    BOOST_TEST(exp_of(std::string("{\"exp\":5}\0", 10)) == none);
}

BOOST_AUTO_TEST_CASE(white_space_around_it_is_json) {
    BOOST_TEST(exp_of(" \r\n\t{ \"exp\" : 5 } \n") == 5);
}

BOOST_AUTO_TEST_CASE(only_the_outermost_object_counts) {
    BOOST_TEST(exp_of(R"({"a":{"exp":5}})") == none);
    BOOST_TEST(exp_of(R"({"a":[{"exp":5}]})") == none);
    BOOST_TEST(exp_of(R"({"a":{"exp":5},"exp":7,"b":{"exp":6}})") == 7);
    BOOST_TEST(exp_of(R"({"exp":{"exp":5}})") == none);
    BOOST_TEST(exp_of(R"({"exp":[5]})") == none);
    BOOST_TEST(exp_of(R"({"exp":{},"a":5})") == none);
}

BOOST_AUTO_TEST_CASE(only_the_very_name_counts) {
    for (auto const* const name : {"Exp", "EXP", "exp ", "ex", "expp", "iexp", ""})
        BOOST_TEST(exp_of("{\"" + std::string(name) + "\":5}") == none, name);
    BOOST_TEST(exp_of("{\"" + std::string(10'000, 'x') + "exp\":5}") == none);
}

BOOST_AUTO_TEST_CASE(a_fraction_is_cut_off) {
    BOOST_TEST(exp_of(R"({"exp":1700003600.999})") == 1'700'003'600);
    BOOST_TEST(exp_of(R"({"exp":1.7e9})") == 1'700'000'000);
}

BOOST_AUTO_TEST_CASE(what_no_clock_can_hold_is_bounded) {
    for (auto const* const number : {"99999999999", "9223372036854775807", "18446744073709551615",
                                     "99999999999999999999999999", "1e300"})
        BOOST_TEST(exp_of("{\"exp\":" + std::string(number) + "}") == 7'258'118'400, number);
    for (auto const* const number : {"-1", "-9223372036854775808", "-1e300", "0", "-0", "1e-300"})
        BOOST_TEST(exp_of("{\"exp\":" + std::string(number) + "}") == 0, number);
}

BOOST_AUTO_TEST_CASE(what_is_no_number_is_no_time) {
    for (auto const* const value : {R"("1700003600")", "null", "true", "false", R"("")"})
        BOOST_TEST(exp_of("{\"exp\":" + std::string(value) + ",\"a\":5}") == none, value);
}

BOOST_AUTO_TEST_CASE(of_two_times_the_last_counts) {
    BOOST_TEST(exp_of(R"({"exp":5,"exp":7})") == 7);
    BOOST_TEST(exp_of(R"({"exp":7,"iat":1,"exp":5})") == 5);
}

BOOST_AUTO_TEST_CASE(a_deep_payload_is_no_stack_overflow) {
    std::string const deep(40'000, '[');
    BOOST_TEST(exp_of("{\"exp\":5,\"a\":" + deep + "}") == none);
    BOOST_TEST(exp_of(deep) == none);
}

BOOST_AUTO_TEST_SUITE_END()
