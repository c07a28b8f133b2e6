// The URL that a token is fetched from, split and checked.
#pragma once

#include "net/connector.hpp"

#include <string>
#include <string_view>

namespace equinix::sts::suppliers_detail {

struct token_url {
    net::destination origin;
    std::string authority; ///< the `Host` header
    std::string target;    ///< path and query, as in the request line

    /// Without the query, which for some services holds a secret.
    std::string shown() const;
};

/// Throws `error` of kind `config`. The message begins with `what`, names the option if the URL comes from
/// one, and does not repeat the URL, which may hold a secret.
token_url read_https_url(std::string_view what, std::string_view url, std::string_view option = {});

/// As above, for plain HTTP; a literal address must be one that is reached without a router.
token_url read_local_http_url(std::string_view what, std::string_view url, std::string_view option = {});

/// Whether this is a URL of plain HTTP.
bool is_plain_http(std::string_view url) noexcept;

/// The URL of a platform's service: as one of the two above, by its scheme.
token_url read_service_url(std::string_view what, std::string_view url, std::string_view option);

/// Without the slashes at the end, so that a path can follow.
std::string_view without_end_slashes(std::string_view url) noexcept;

/// Appends `name=value` to the URL's query, or adds it as the query.
std::string with_parameter(std::string_view url, std::string_view name, std::string_view value);

} // namespace equinix::sts::suppliers_detail
