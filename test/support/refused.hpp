// Expecting a `config` error that names what is wrong.
#pragma once

#include <equinix/sts/error.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace test {

/// Runs `action`; the text of the `config` error that it must throw, or an empty text and a failed check.
template <class Action>
std::string refusal(Action action) {
    try {
        action();
    } catch (equinix::sts::error const& error) {
        BOOST_TEST((error.kind() == equinix::sts::error_kind::config));
        BOOST_TEST(!error.info().request_sent);
        return error.info().message;
    }
    BOOST_TEST(false, "nothing was refused");
    return {};
}

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

} // namespace test
