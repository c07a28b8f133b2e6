// The ID token of a machine in Google Cloud, which its metadata server has.
#include "suppliers/fetching.hpp"
#include "suppliers/variable.hpp"
#include "support/http_server.hpp"

#include <string>

using namespace test;
using sts::error_kind;

namespace {

struct machine {
    http_server server;
    asio::io_context context;
    variable host{"GCE_METADATA_HOST", "127.0.0.1:" + std::to_string(server.port())};

    fetching fetch(std::string const& audience = "equinix") {
        return fetching(context, sts::suppliers::gcp_metadata(audience));
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(gcp_metadata, machine)

BOOST_AUTO_TEST_CASE(asks_the_server_that_the_variable_names) {
    BOOST_TEST(fetch("https://a.test").text() == "a-token");
    auto const request = server.requests().at(0);
    BOOST_TEST(request.starts_with("GET /computeMetadata/v1/instance/service-accounts/default/identity"
                                   "?audience=https%3A%2F%2Fa.test&format=full HTTP/1.1\r\n"));
    BOOST_TEST(contains(request, "\r\nMetadata-Flavor: Google\r\n"));
}

BOOST_AUTO_TEST_CASE(refuses_a_server_behind_a_router) {
    host.set("192.0.2.1");
    auto const info = fetch().failure();
    BOOST_TEST(info.kind == error_kind::config);
    BOOST_TEST(contains(info.message, "GCE_METADATA_HOST"));
    BOOST_TEST(info.option == "GCE_METADATA_HOST");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_host) {
    for (auto const* const named : {"127.0.0.1/x", "u@127.0.0.1", "127.0.0.1?x", "127.0.0.1#x", "a b"}) {
        host.set(named);
        BOOST_TEST(fetch().failure().kind == error_kind::config, named);
    }
    BOOST_TEST(server.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(needs_an_audience) {
    BOOST_TEST(contains(refusal([] { sts::suppliers::gcp_metadata(""); }), "audience"));
}

BOOST_AUTO_TEST_SUITE_END()
