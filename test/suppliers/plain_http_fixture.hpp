// A supplier that fetches tokens over plain HTTP, and the server.
#pragma once

#include "suppliers/fetching.hpp"
#include "support/http_server.hpp"

#include <equinix/sts/suppliers.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>

namespace test {

/// A server that answers as a test says, and a supplier that asks it without TLS.
struct plain_http_fixture {
    http_server server;
    asio::io_context context;

    sts::suppliers::supplier_ptr supplier(sts::suppliers::http_options options = hasty_options(),
                                          std::string const& target = "/token") const {
        return sts::suppliers::insecure_metadata_http(server.url(target), std::move(options));
    }
    static sts::suppliers::http_options with_member(std::string name) {
        auto made = hasty_options();
        made.json_member = std::move(name);
        return made;
    }
    static sts::suppliers::http_options with_header(std::string name, std::string const& value) {
        auto made = hasty_options();
        made.headers.emplace_back(std::move(name), sts::secret(value));
        return made;
    }
    static sts::suppliers::http_options one_attempt() {
        auto made = hasty_options();
        made.connection.retry.max_attempts = 1;
        return made;
    }

    std::string text(sts::suppliers::supplier_ptr const& from) { return fetching(context, from).text(); }
    sts::error_info failure(sts::suppliers::supplier_ptr const& from) {
        return fetching(context, from).failure();
    }
    sts::error_info failure_with(std::string answer, sts::suppliers::http_options options = one_attempt()) {
        server.next(std::move(answer));
        return failure(supplier(std::move(options)));
    }
    std::string only_request() const {
        auto const all = server.requests();
        BOOST_REQUIRE(all.size() == 1U);
        return all.front();
    }
    /// Runs what is left to the end, which must come by itself.
    void run_out() {
        context.restart();
        context.run();
    }
};

} // namespace test
