// A mock (npm's prism) that holds each request against doc/openapi.yaml, and answers with that document's
// examples.
#pragma once

#include "interop/origin.hpp"

#include <string>

namespace test {

/// The mock, which knows no TLS, behind an nginx that does.
class openapi_mock {
public:
    openapi_mock();

    /// The options of a client that asks it once, at one of the paths that the document has.
    sts::client_options options(std::string const& path = token_path) const;

    /// Whether it has said this of a request; that may come a little after its answer.
    bool has_objected(std::string const& why) const;

    /// What it has found wrong with the requests up to now, a line each.
    std::string objections() const;

private:
    folder files_;
    reserved_port port_;
    server_process process_;
    nginx_server front_;
};

} // namespace test
