// Running the command sts-token against a mock of the service.
#pragma once

#include "support/process.hpp"
#include "tool/exit_code.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

namespace test {

namespace json = boost::json;
namespace testing = equinix::sts::testing;
using equinix::sts::error_kind;

/// How the command ends when every exchange fails with this kind.
constexpr int code_of(error_kind kind) {
    return equinix::sts::tool::exit_code(kind);
}

/// Runs the command; its output has both streams.
inline ran sts_token(std::string const& arguments) {
    return shell(std::string(STS_TOKEN) + " " + arguments + " 2>&1");
}

/// The object that the command has printed.
inline json::object line(ran const& result) {
    boost::system::error_code ec;
    auto const value = json::parse(result.output, ec);
    BOOST_REQUIRE_MESSAGE(!ec && value.is_object(), result.output);
    return value.as_object();
}

/// A mock of the service, and the options with which the command finds it.
struct sts_token_fixture {
    explicit sts_token_fixture(std::chrono::seconds lifetime = std::chrono::hours(1))
        : mock(living(lifetime)) {}

    static testing::mock_options living(std::chrono::seconds lifetime) {
        testing::mock_options options;
        options.lifetime = lifetime;
        return options;
    }

    testing::mock_sts mock;
    folder in;
    std::string server = "--url " + mock.url() + " --ca-file " + in.file("ca.pem", mock.ca_pem());
    std::string subject = "--subject-token-file " + in.file("id_token", mock.id_token() + "\n");
    std::string usual = server + " --scope roleassignments:1 " + subject;

    std::string kind(ran const& result) const {
        auto const found = line(result);
        return std::string(found.at("error").as_object().at("kind").as_string());
    }
};

} // namespace test
