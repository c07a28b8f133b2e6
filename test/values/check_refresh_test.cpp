// The ranges of a token source's options.
#include "support/refused.hpp"
#include "values/check_refresh.hpp"

#include <equinix/sts/refresh.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

namespace sts = equinix::sts;
namespace values = sts::values;
using test::refused_by;

BOOST_AUTO_TEST_SUITE(refresh_options)

BOOST_AUTO_TEST_CASE(L25_are_refused_by_name_when_out_of_range) {
    using options = sts::refresh_options;
    using namespace std::chrono_literals;
    std::pair<std::string, std::function<void(options&)>> const cases[] = {
        {"name", [](options& o) { o.name = "a\nb"; }},
        {"name", [](options& o) { o.name = std::string(256, 'x'); }},
        {"max_margin", [](options& o) { o.max_margin = -1s; }},
        {"refresh_ahead", [](options& o) { o.refresh_ahead = -1s; }},
        {"max_lifetime", [](options& o) { o.max_lifetime = 0s; }},
        {"assumed_lifetime", [](options& o) { o.assumed_lifetime = 0s; }},
        {"shutdown_timeout", [](options& o) { o.shutdown_timeout = -1s; }}};
    for (auto const& [name, change] : cases) {
        options changed;
        change(changed);
        auto const info = refused_by([&] { values::check_refresh(changed); });
        BOOST_TEST(info.option == "refresh_options::" + name);
        BOOST_TEST(info.message.starts_with(info.option + " must "), info.message);
    }
}

BOOST_AUTO_TEST_SUITE_END()
