// Calls that block, made on a thread of the worker's own.
#include "base/detached_worker.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <future>
#include <string>
#include <vector>

namespace base = equinix::sts::base;
namespace asio = boost::asio;

namespace {

using worker = base::detached_worker<std::string, std::string>;
using wait_for = base::pending_answer<std::string>;

/// What the calls do: the first waits until it is let go.
struct script {
    std::promise<void> begun, let_go;
    base::mutex mutex;
    std::vector<std::string> calls STS_GUARDED_BY(mutex);

    std::vector<std::string> made() {
        base::mutex_lock const lock(mutex);
        return calls;
    }
};
std::shared_ptr<script> running; // of the test at hand

std::string call(std::string const& key) {
    auto const now = running;
    bool first = false;
    {
        base::mutex_lock const lock(now->mutex);
        first = now->calls.empty();
        now->calls.push_back(key);
    }
    if (first) {
        now->begun.set_value();
        now->let_go.get_future().wait();
    }
    if (key == "large") throw std::bad_alloc();
    return key + "!";
}

struct fixture {
    fixture() { running = std::make_shared<script>(); }

    std::shared_ptr<wait_for> asks(worker& of, std::string const& key) {
        auto waiter = std::make_shared<wait_for>(
            context.get_executor(), [this](wait_for::answer_ptr const& answer) { got.push_back(*answer); });
        of.start(key, waiter);
        return waiter;
    }
    void first_has_begun() { running->begun.get_future().wait(); }
    void let_go() { running->let_go.set_value(); }

    asio::io_context context;
    std::vector<std::string> got;
};

using words = std::vector<std::string>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(detached_worker, fixture)

BOOST_AUTO_TEST_CASE(who_asks_for_the_same_joins_the_call_that_runs) {
    worker of(call, worker::late::joins, "none");
    auto const a = asks(of, "a");
    first_has_begun();
    auto const b = asks(of, "a"), c = asks(of, "c"), d = asks(of, "c");
    let_go();
    context.run();
    BOOST_TEST(running->made() == words({"a", "c"}), boost::test_tools::per_element());
    BOOST_TEST(got == words({"a!", "a!", "c!", "c!"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(or_gets_a_call_of_their_own_time) {
    worker of(call, worker::late::calls_new, "none");
    auto const a = asks(of, "a");
    first_has_begun();
    auto const b = asks(of, "a"), c = asks(of, "a");
    let_go();
    context.run();
    BOOST_TEST(running->made() == words({"a", "a"}), boost::test_tools::per_element());
    BOOST_TEST(got.size() == 3U);
}

BOOST_AUTO_TEST_CASE(no_call_is_made_for_who_has_left) {
    worker of(call, worker::late::joins, "none");
    auto const a = asks(of, "a");
    first_has_begun();
    asks(of, "b");
    auto const c = asks(of, "c");
    let_go();
    context.run();
    BOOST_TEST(running->made() == words({"a", "c"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(calls_that_have_not_begun_can_be_dropped) {
    worker of(call, worker::late::joins, "none");
    auto const a = asks(of, "a");
    first_has_begun();
    asks(of, "b");
    of.drop_waiting();
    let_go();
    context.run();
    BOOST_TEST(got == words({"a!"}), boost::test_tools::per_element());
    BOOST_TEST(running->made() == words({"a"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_memory_there_is_an_answer_all_the_same) {
    worker of(call, worker::late::joins, "none");
    auto const a = asks(of, "large");
    let_go();
    context.run();
    BOOST_TEST(got == words({"none"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
