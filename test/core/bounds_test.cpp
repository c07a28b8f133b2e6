// What the errors of time limits say.
#include "base/failure.hpp"
#include "core/bounds.hpp"
#include "support/refused.hpp"

#include <boost/test/unit_test.hpp>

using namespace test;
using namespace std::chrono_literals;
using namespace equinix::sts;
namespace base = equinix::sts::base;

BOOST_AUTO_TEST_SUITE(bounds)

BOOST_AUTO_TEST_CASE(a_connection_that_was_not_open_names_its_peer_its_limit_and_what_to_check) {
    auto const text = [](phase where) {
        auto const info = core::opening_is_over(where, "sts.example.com", 8443, 5s);
        BOOST_TEST((info.kind == error_kind::timeout));
        BOOST_TEST((info.phase == where));
        BOOST_TEST(contains(info.message, "sts.example.com"), info.message);
        BOOST_TEST(contains(info.message, "within 5 s (client_options::connect_timeout)"), info.message);
        return info.message;
    };
    BOOST_TEST(contains(text(phase::dns), "does the name server respond?"));
    BOOST_TEST(contains(text(phase::connect), "port 8443 within"));
    BOOST_TEST(contains(text(phase::connect), "does a firewall drop packets?"));
    BOOST_TEST(contains(text(phase::proxy), "can it reach the endpoint?"));
    BOOST_TEST(contains(text(phase::tls), "is this a TLS server"));
    text(phase::none);
}

BOOST_AUTO_TEST_CASE(a_host_name_of_any_length_is_cut_to_what_a_name_may_have) {
    auto const info = core::opening_is_over(phase::connect, std::string(2000, 'x'), 443, 1s);
    BOOST_TEST(info.message.size() < 512U);
}

BOOST_AUTO_TEST_CASE(times_are_spelled_as_a_person_would) {
    auto const spelled = [](std::chrono::nanoseconds limit) {
        auto const text = core::attempt_is_over(phase::write, limit).message;
        auto const begin = text.find("within ") + 7;
        return text.substr(begin, text.find(" (") - begin);
    };
    BOOST_TEST(spelled(30s) == "30 s");
    BOOST_TEST(spelled(29'950ms) == "30 s");
    BOOST_TEST(spelled(1500ms) == "1.5 s");
    BOOST_TEST(spelled(1s) == "1 s");
    BOOST_TEST(spelled(999ms) == "999 ms");
    BOOST_TEST(spelled(1us) == "1 ms");
}

BOOST_AUTO_TEST_CASE(an_attempt_and_an_exchange_name_their_options) {
    BOOST_TEST(contains(core::attempt_is_over(phase::read, 10s).message,
                        "within 10 s (client_options::attempt_timeout): is the service slow"));
    BOOST_TEST(!contains(core::attempt_is_over(phase::tls, 10s).message, "slow"));
    BOOST_TEST(
        core::exchange_is_over(phase::queue, 30s).message ==
        "the exchange did not finish within 30 s (client_options::timeout or exchange_request::timeout)");
    BOOST_TEST(contains(core::exchange_is_over(phase::tls, 30s).message,
                        "exchange_request::timeout): is this a TLS server"));
}

BOOST_AUTO_TEST_CASE(a_wait_for_a_token_says_how_long_the_caller_waited) {
    auto const info = core::wait_is_over(200ms);
    BOOST_TEST(info.message ==
               "no token arrived within 200 ms, the limit of this call: is the service slow?");
    BOOST_TEST((info.phase == phase::queue));
}

BOOST_AUTO_TEST_CASE(a_wait_for_a_token_says_why_attempts_have_failed_so_far) {
    auto so_far = base::failure(error_kind::unavailable, phase::parse, "the service answered 503");
    so_far.http_status = 503;
    so_far.attempts = 3;
    auto const info = core::wait_is_over(2s, &so_far);
    BOOST_TEST(info.message == "no token arrived within 2 s, the limit of this call; attempt 3 failed: the "
                               "service answered 503");
    BOOST_TEST((info.kind == error_kind::timeout));
    BOOST_TEST(info.http_status == 503U);
    BOOST_TEST(info.attempts == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
