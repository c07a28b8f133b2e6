// Finding and reaching a host (section A of doc/faults.md).
#include "net/connector.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <fcntl.h>

#include <memory>
#include <optional>

namespace asio = boost::asio;
namespace net = equinix::sts::net;
namespace sts = equinix::sts;
using tcp = asio::ip::tcp;
using outcome = sts::result<net::connector::connection>;

namespace {

struct fixture {
    asio::io_context context;
    tcp::acceptor listening{context, {asio::ip::address_v4::loopback(), 0}};
    std::uint16_t port = listening.local_endpoint().port();
    net::resolver names;
    std::shared_ptr<net::host_addresses> addresses = std::make_shared<net::host_addresses>(true);
    std::shared_ptr<net::connector> connector =
        std::make_shared<net::connector>(context.get_executor(), true, addresses);
    std::optional<outcome> got;

    void start(std::string const& host, bool is_ip_address, bool plain = false) {
        net::destination to;
        to.host = host;
        to.port = port;
        to.is_ip_address = is_ip_address;
        to.plain = plain;
        connector->start(to, names, [this](outcome result) { got.emplace(std::move(result)); });
    }
    void run() { context.run(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(connector, fixture)

BOOST_AUTO_TEST_CASE(reaches_a_literal_address) {
    start("127.0.0.1", true);
    run();
    BOOST_REQUIRE((got && got->has_value()));
    BOOST_TEST((*got)->socket.non_blocking());
    BOOST_TEST((*got)->socket.remote_endpoint().port() == port);
}

BOOST_AUTO_TEST_CASE(L6_the_socket_is_closed_by_exec) {
    start("127.0.0.1", true);
    run();
    BOOST_TEST((::fcntl((*got)->socket.native_handle(), F_GETFD) & FD_CLOEXEC) != 0);
}

BOOST_AUTO_TEST_CASE(asks_the_resolver_for_other_names) {
    start("127.0.0.1", false); // the resolver knows this one on every system
    BOOST_TEST((connector->stage() == sts::phase::dns));
    run();
    BOOST_REQUIRE((got && got->has_value()));
}

BOOST_AUTO_TEST_CASE(knows_localhost_without_a_resolver_and_tries_both_addresses) {
    for (auto const* const name : {"localhost", "localhost.", "a.localhost"}) {
        got.reset();
        connector = std::make_shared<net::connector>(context.get_executor(), true, addresses);
        start(name, false);
        BOOST_TEST((connector->stage() == sts::phase::connect));
        context.restart();
        run();
        BOOST_TEST((got && got->has_value()), name);
    }
}

BOOST_AUTO_TEST_CASE(A4_reports_a_refusal_with_the_systems_reason) {
    listening.close();
    start("localhost", false);
    run();
    BOOST_REQUIRE((got && got->has_error()));
    BOOST_TEST((got->error().kind == sts::error_kind::connect));
    BOOST_TEST((got->error().code == boost::system::errc::connection_refused));
}

BOOST_AUTO_TEST_CASE(A1_reports_a_name_that_does_not_resolve) {
    start("does-not-exist.invalid", false);
    run();
    BOOST_REQUIRE((got && got->has_error()));
    BOOST_TEST((got->error().kind == sts::error_kind::dns));
    BOOST_TEST((got->error().phase == sts::phase::dns));
}

BOOST_AUTO_TEST_CASE(reaches_a_local_address_without_tls) {
    for (bool const is_ip_address : {true, false}) {
        got.reset();
        connector = std::make_shared<net::connector>(context.get_executor(), true, addresses);
        start("127.0.0.1", is_ip_address, true);
        context.restart();
        run();
        BOOST_TEST((got && got->has_value()));
    }
}

BOOST_AUTO_TEST_CASE(refuses_any_other_address_without_tls) {
    for (bool const is_ip_address : {true, false}) { // the resolver knows this one on every system
        got.reset();
        connector = std::make_shared<net::connector>(context.get_executor(), true, addresses);
        start("192.0.2.1", is_ip_address, true);
        context.restart();
        run();
        BOOST_REQUIRE((got && got->has_error()));
        BOOST_TEST((got->error().kind == sts::error_kind::config));
        BOOST_TEST((got->error().phase == sts::phase::connect));
        BOOST_TEST(!got->error().retryable());
    }
}

BOOST_AUTO_TEST_CASE(calls_nobody_after_it_was_cancelled) {
    start("127.0.0.1", false);
    connector->cancel();
    run();
    BOOST_TEST(!got.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
