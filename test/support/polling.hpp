// Running a context until something comes true that no event of the context need tell.
#pragma once

#include "support/descriptors.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

namespace test {

/// For what comes true elsewhere, as in another process or thread: runs what there is to run, and looks
/// again.
template <class Condition>
void poll_until(boost::asio::io_context& context, Condition holds) {
    BOOST_REQUIRE(eventually([&] {
        context.restart();
        context.poll();
        return holds();
    }));
}

} // namespace test
