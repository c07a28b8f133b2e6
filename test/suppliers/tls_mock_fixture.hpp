// A mock that stands for any service with TLS, and options that trust it.
#pragma once

#include "suppliers/fetching.hpp"

#include <equinix/sts/suppliers.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/io_context.hpp>

namespace test {

struct tls_mock_fixture {
    sts::testing::mock_sts mock;
    asio::io_context context;

    sts::suppliers::http_options trusting() const {
        auto made = hasty_options();
        made.connection.tls.ca_pem = mock.ca_pem();
        return made;
    }
};

} // namespace test
