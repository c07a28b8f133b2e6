// System calls that fail, fall short or are interrupted, and a wall clock that jumps (section L, and F3, D25,
// D26 of doc/faults.md).
#include "support/descriptors.hpp"
#include "support/refused.hpp"
#include "support/service.hpp"
#include "system/scripted_system.hpp"

#include <boost/asio/steady_timer.hpp>

#include <csignal>

using namespace test;
using namespace std::chrono_literals;
using scripted::call;
using scripted::fate;
using sts::error_kind;
using sts::phase;
using sts::testing::mock_answer;

namespace {

fate failing(int error) {
    fate decided;
    decided.error = error;
    return decided;
}

fate short_of(std::size_t bytes) {
    fate decided;
    decided.at_most = bytes;
    return decided;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(system_calls, service)

BOOST_AUTO_TEST_CASE(D26_L3_writes_of_any_size_give_the_same_request) {
    for (std::size_t const size : {1U, 2U, 3U, 7U, 100U, 1000U}) {
        scripted::calls const sends(call::send, [&](std::size_t) { return short_of(size); });
        auto const got = exchange(client());
        BOOST_TEST(got.has_value(), size);
    }
    auto const raw = mock.raw_requests();
    for (auto const& request : raw)
        BOOST_TEST(request.size() == raw[0].size());
}

BOOST_AUTO_TEST_CASE(D1_L3_reads_of_any_size_give_the_same_answer) {
    for (std::size_t const size : {1U, 2U, 5U, 64U}) {
        scripted::calls const reads(call::recv, [&](std::size_t) { return short_of(size); });
        BOOST_TEST(exchange(client()).has_value(), size);
    }
}

BOOST_AUTO_TEST_CASE(L3_interrupted_and_early_calls_are_made_again) {
    for (int const code : {EINTR, EAGAIN}) {
        auto const every_other = [&](std::size_t number) { return number % 2 == 0 ? failing(code) : fate(); };
        scripted::calls const sends(call::send, every_other);
        scripted::calls const reads(call::recv, every_other);
        BOOST_TEST(exchange(client()).has_value(), code);
        BOOST_TEST(sends.made() > 1U);
    }
}

BOOST_AUTO_TEST_CASE(D20_L3_a_failure_of_any_call_is_an_error_that_says_which) {
    for (auto const which : {call::send, call::recv}) {
        for (int const code : {ECONNRESET, EPIPE, ETIMEDOUT, ENOBUFS, ECONNABORTED}) {
            bool failed = true;
            for (std::size_t at = 0; failed; ++at) {
                BOOST_REQUIRE(at < 1000);
                auto const sts_client = client(one_attempt());
                scripted::calls const broken(
                    which, [&](std::size_t number) { return number == at ? failing(code) : fate(); });
                auto const got = exchange(sts_client);
                failed = broken.made() > at;
                if (!failed) {
                    BOOST_TEST(got.has_value());
                    break;
                }
                // Only a farewell may fail without consequence.
                if (got.has_value()) continue;
                auto const kind = got.error().kind;
                BOOST_TEST((kind == error_kind::network || kind == error_kind::truncated), kind);
                BOOST_TEST(
                    (got.error().code == boost::system::error_code(code, boost::system::system_category())));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_failure_of_any_call_is_survived_by_retrying) {
    for (auto const which : {call::socket, call::connect, call::send, call::recv}) {
        bool failed = true;
        for (std::size_t at = 0; failed; ++at) {
            BOOST_REQUIRE(at < 1000);
            auto options = this->options();
            options.retry.base_delay = 1ms;
            auto const sts_client = client(options);
            scripted::calls const broken(
                which, [&](std::size_t number) { return number == at ? failing(ECONNRESET) : fate(); });
            BOOST_TEST(exchange(sts_client).has_value());
            failed = broken.made() > at;
        }
    }
}

BOOST_AUTO_TEST_CASE(F5_D25_the_deadline_passes_while_the_peer_takes_nothing) {
    auto const sts_client = client();
    BOOST_TEST(exchange(sts_client).has_value());
    scripted::calls const stuck(call::send, [](std::size_t) { return failing(EAGAIN); });
    auto const info = failure(sts_client, request().timeout(60ms));
    BOOST_TEST(info.kind == error_kind::timeout);
    BOOST_TEST(info.phase == phase::write);
    BOOST_TEST(!info.request_sent);
}

BOOST_AUTO_TEST_CASE(F3_the_wall_clock_may_jump_in_the_middle_of_an_exchange) {
    using std::chrono::hours;
    for (auto const jump : {hours(24), hours(-24)}) {
        service one;
        one.mock.always(mock_answer::with(200, R"({"access_token":"a","token_type":"Bearer","expires_in":60,)"
                                               R"("issued_token_type":)"
                                               R"("urn:ietf:params:oauth:token-type:access_token"})")
                            .hold());
        started exchange(one.context, one.client(), one.request().timeout(20s));
        run_until(one.context, [&] { return one.mock.requests() == 1; });
        scripted::shift_wall_clock(jump);
        for (int i = 0; i < 100; ++i)
            one.context.poll();
        BOOST_TEST(!exchange.done());
        one.mock.release();
        auto const& got = exchange.wait();
        scripted::shift_wall_clock(std::chrono::seconds(0));
        BOOST_REQUIRE(got.has_value());
        BOOST_TEST((got->expires->steady - got->requested.steady == 60s));
    }
}

BOOST_AUTO_TEST_CASE(L5_no_sigpipe_reaches_the_program) {
    static std::sig_atomic_t volatile delivered = 0;
    std::signal(SIGPIPE, [](int) { delivered = 1; });
    auto const sts_client = client();
    for (int i = 0; i < 20; ++i) {
        mock.next(mock_answer::genuine().reset_after());
        exchange(sts_client);
        exchange(sts_client); // written to a connection that the peer has reset
        sts_client.stats();
    }
    scripted::calls const broken(call::send,
                                 [](std::size_t number) { return number == 1 ? failing(EPIPE) : fate(); });
    exchange(client());
    BOOST_TEST(delivered == 0);
    std::signal(SIGPIPE, SIG_DFL);
}

BOOST_AUTO_TEST_CASE(L7_linking_the_library_starts_nothing) {
    auto const threads = running_threads();  // this one and the mock's, and what a sanitizer has
    asio::steady_timer const timer(context); // has the context open what it works with
    auto const descriptors = open_descriptors();
    auto const idle = client();
    BOOST_TEST(running_threads() == threads);
    BOOST_TEST(open_descriptors() == descriptors);
}

BOOST_AUTO_TEST_SUITE_END()
