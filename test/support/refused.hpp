// Expecting a `config` error that names what is wrong.
#pragma once

#include <equinix/sts/error.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace test {

/// Runs `action`; the `config` error that it must throw, or an empty one and a failed check.
template <class Action>
equinix::sts::error_info refused_by(Action action) {
    try {
        action();
    } catch (equinix::sts::error const& error) {
        BOOST_TEST((error.kind() == equinix::sts::error_kind::config));
        BOOST_TEST(!error.info().request_sent);
        return error.info();
    }
    BOOST_TEST(false, "nothing was refused");
    return {};
}

/// The text of that error.
template <class Action>
std::string refusal(Action action) {
    return refused_by(action).message;
}

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

} // namespace test
