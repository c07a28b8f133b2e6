// Where a token is fetched: a URL, taken apart and checked.
#pragma once

#include "net/connector.hpp"

#include <string>
#include <string_view>

namespace equinix::sts::suppliers_detail {

struct token_url {
    net::destination origin;
    std::string authority; ///< the `Host` header
    std::string target;    ///< path and query, as in the request line

    /// Without the query, where some services want a secret.
    std::string shown() const;
};

/// Throws `error` of kind `config`, which begins with `what`, names the option where one has the URL, and
/// does not repeat the URL: that may hold a secret.
token_url read_https_url(std::string_view what, std::string_view url, std::string_view option = {});

/// The same for plain HTTP; a literal address must be one that is reached without a router.
token_url read_local_http_url(std::string_view what, std::string_view url, std::string_view option = {});

/// `name=value` behind the query of a URL, or as its query.
std::string with_parameter(std::string_view url, std::string_view name, std::string_view value);

} // namespace equinix::sts::suppliers_detail
