// Verifies the signed assertions of a client (RFC 7523 section 3).
#pragma once

#include "testing/seen_ids.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace equinix::sts::testing {

/// May be used from any thread.
class client_assertions {
public:
    explicit client_assertions(mock_options const& options);

    /// Why the client is refused; empty if the assertion is right. `client_id` is the form field, if any.
    std::string refusal(std::string_view assertion, std::string_view type, std::string_view client_id,
                        std::string_view url) const;

private:
    std::string const client_id_, identifier_;
    boost::json::object jwk_;
    mutable seen_ids seen_;
};

} // namespace equinix::sts::testing
