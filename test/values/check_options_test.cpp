// The ranges of a client's options, and the headers that it may have.
#include "core/request_bytes.hpp"
#include "support/refused.hpp"
#include "values/check_options.hpp"

#include <equinix/sts/options.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace sts = equinix::sts;
namespace values = sts::values;
namespace core = sts::core;
using test::contains;
using test::refusal;
using test::refused_by;

BOOST_AUTO_TEST_SUITE(client_options)

BOOST_AUTO_TEST_CASE(are_valid_by_default) {
    values::check_options(sts::client_options());
    BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(are_refused_by_name_when_out_of_range) {
    using options = sts::client_options;
    using namespace std::chrono_literals;
    std::pair<std::string, std::function<void(options&)>> const cases[] = {
        {"timeout", [](options& o) { o.timeout = 0s; }},
        {"timeout", [](options& o) { o.timeout = -1s; }},
        {"connect_timeout", [](options& o) { o.connect_timeout = 0s; }},
        {"attempt_timeout", [](options& o) { o.attempt_timeout = 0s; }},
        {"retry.base_delay", [](options& o) { o.retry.base_delay = 0s; }},
        {"retry.max_delay", [](options& o) { o.retry.max_delay = o.retry.base_delay - 1ns; }},
        {"retry.max_retry_after", [](options& o) { o.retry.max_retry_after = -1s; }},
        {"retry.max_attempts", [](options& o) { o.retry.max_attempts = 0; }},
        {"shutdown_timeout", [](options& o) { o.shutdown_timeout = -1s; }},
        {"pool.idle_timeout", [](options& o) { o.pool.idle_timeout = 0s; }},
        {"pool.max_age", [](options& o) { o.pool.max_age = 0s; }},
        {"pool.max_connections", [](options& o) { o.pool.max_connections = 0; }},
        {"pool.max_opening", [](options& o) { o.pool.max_opening = 0; }},
        {"pool.max_waiters", [](options& o) { o.pool.max_waiters = 0; }},
        {"limits.max_head", [](options& o) { o.limits.max_head = 1023; }},
        {"limits.max_head", [](options& o) { o.limits.max_head = 2 * 1024 * 1024; }},
        {"limits.max_body", [](options& o) { o.limits.max_body = 0; }},
        {"limits.max_body", [](options& o) { o.limits.max_body = std::size_t(-1); }},
        {"proxy_headers", [](options& o) { o.proxy_headers.emplace_back("Host", sts::secret("x")); }},
        {"proxy_headers", [](options& o) { o.proxy_headers.emplace_back("A B", sts::secret("x")); }},
    };
    for (auto const& [name, change] : cases) {
        options changed;
        change(changed);
        BOOST_TEST(contains(refusal([&] { values::check_options(changed); }), "client_options::" + name),
                   name);
        BOOST_TEST(refused_by([&] { values::check_options(changed); }).option == "client_options::" + name);
    }
}

BOOST_AUTO_TEST_CASE(refuse_headers_that_would_change_the_message) {
    using header = std::pair<std::string, std::string>;
    header const bad[] = {{"", "x"},
                          {"A B", "x"},
                          {"A:", "x"},
                          {"A\r\nB", "x"},
                          {"X-A", "x\r\nB: y"},
                          {"X-A", "x\ny"},
                          {"X-A", std::string("x\0y", 3)},
                          {"X-A", "\xc3\xa9"},
                          {"Host", "x"},
                          {"hOST", "x"},
                          {"Content-Length", "1"},
                          {"Authorization", "x"},
                          {"Transfer-Encoding", "chunked"},
                          {"Connection", "close"},
                          {"Expect", "100-continue"},
                          {"User-Agent", "x"},
                          {"Accept-Encoding", "gzip"}};
    for (auto const& one : bad) {
        sts::client_options options;
        options.headers.push_back(one);
        BOOST_TEST(contains(refusal([&] { core::head_prefix(options); }), "client_options::headers"),
                   one.first);
        BOOST_TEST(refused_by([&] { core::head_prefix(options); }).option == "client_options::headers");
    }
    sts::client_options options;
    options.user_agent = "a\r\nb";
    BOOST_TEST(contains(refusal([&] { core::head_prefix(options); }), "user_agent"));
    BOOST_TEST(refused_by([&] { core::head_prefix(options); }).option == "client_options::user_agent");
}

BOOST_AUTO_TEST_SUITE_END()
