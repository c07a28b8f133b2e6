// Servers that speak HTTP/2, besides nginx and haproxy.
#pragma once

#include "interop/origin.hpp"

namespace test {

/// node's own HTTP/2 server; the token tells the scope of its request.
class node_http2_server : public origin {
public:
    explicit node_http2_server(unsigned most_streams = 100);
};

/// nghttp2's own server, which serves a file.
class nghttpd_server : public origin {
public:
    explicit nghttpd_server(unsigned most_streams = 100);

    sts::client_options options() const;
};

/// Go's, where Go is installed: it is compiled first.
class go_http2_server : public origin {
public:
    go_http2_server();

    /// Skips a case, which is no failure.
    static boost::test_tools::assertion_result installed(boost::unit_test::test_unit_id);
};

} // namespace test
