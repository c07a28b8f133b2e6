// A service that verifies proofs of possession and client assertions.
#pragma once

#include "support/service.hpp"
#include "testing/claims.hpp"
#include "testing/jwt.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <set>
#include <vector>

namespace test {

inline sts::signing_key const client_key = sts::signing_key::generate();

inline sts::testing::mock_options with(sts::testing::nonce_rule nonces, unsigned status = 400) {
    sts::testing::mock_options made;
    made.proofs.nonces = nonces;
    made.nonce_status = status;
    made.client_jwk = client_key.public_jwk();
    return made;
}

using started_ones = std::vector<std::unique_ptr<started>>;

struct bound : service {
    explicit bound(sts::testing::mock_options const& setup = with(sts::testing::nonce_rule::none))
        : service(setup) {}

    sts::exchange_request proved(sts::dpop_binding binding = sts::dpop_binding::preferred) const {
        return request().proof(key, binding);
    }
    /// Begins as many exchanges.
    started_ones begin(sts::client const& by, int count, sts::exchange_request const& asked) {
        started_ones all;
        for (int i = 0; i < count; ++i)
            all.push_back(std::make_unique<started>(context, by, asked));
        return all;
    }
    /// The value of a header field in each request that the mock has received.
    std::vector<std::string> sent(std::string const& name) const {
        std::vector<std::string> all;
        for (auto const& one : mock.raw_requests()) {
            auto lower = one;
            std::transform(lower.begin(), lower.end(), lower.begin(),
                           [](unsigned char c) { return std::tolower(c); });
            auto const at = lower.find("\r\n" + name + ": ");
            if (at == std::string::npos) continue;
            auto const from = at + name.size() + 4;
            all.push_back(one.substr(from, one.find("\r\n", from) - from));
        }
        return all;
    }
    std::vector<std::string> identifiers() const {
        std::vector<std::string> all;
        for (auto const& one : sent("dpop"))
            all.push_back(sts::testing::text_in(sts::testing::parse_jwt(one)->claims, "jti"));
        return all;
    }
    std::string nonce_of(std::size_t request) const {
        return sts::testing::text_in(sts::testing::parse_jwt(sent("dpop").at(request))->claims, "nonce");
    }

    sts::signing_key key = sts::signing_key::generate();
};

inline bool all_differ(std::vector<std::string> const& all) {
    return std::set<std::string>(all.begin(), all.end()).size() == all.size();
}

} // namespace test
