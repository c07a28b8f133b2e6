// The rules of the mock service: turns a request into an answer, without I/O.
#pragma once

#include "base/lock.hpp"
#include "testing/client_assertions.hpp"
#include "testing/form_fields.hpp"
#include "testing/jwt.hpp"
#include "testing/keys.hpp"

#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/json/object.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace equinix::sts::testing {

struct endpoint_request {
    std::string_view method, target, content_type, authorization, body;
    std::string_view host{}; ///< with its port
    std::string_view dpop{}; ///< several are joined by commas
};

struct endpoint_answer {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/// May be used from any thread.
class token_endpoint {
public:
    explicit token_endpoint(mock_options const& options);

    endpoint_answer answer(endpoint_request const& request) const;

    /// The key that signs this service's own tokens.
    std::shared_ptr<named_key const> const& access_key() const noexcept { return access_key_; }

    /// Accepts tokens signed with another service's key as if they were its own.
    void trust(std::shared_ptr<named_key const> key);

    /// The key that signs ID tokens of this algorithm.
    named_key const& id_token_key(signature_algorithm algorithm) const;

    /// The claims of an access token of this service that has not expired.
    std::optional<boost::json::object> claims(std::string_view access_token) const;

private:
    endpoint_answer exchange(form_fields const& fields, endpoint_request const& request, std::string_view url,
                             std::string const& thumbprint) const;
    endpoint_answer refuse(proof_verdict const& proof) const;
    /// The result of the client's authentication.
    struct client_check {
        bool tried = false;
        std::string why_refused; ///< empty when it was attempted and is right
    };

    client_check authenticate_client(form_fields const& fields, std::string_view authorization,
                                     std::string_view url) const;
    std::string check_token(form_fields const& fields, std::string const& name, std::string& subject) const;
    std::string check_id_token(std::string_view token, std::string& subject) const;
    std::string check_issued(std::string_view token, std::string_view type, std::string& subject) const;
    std::string check_assertion(std::string_view token, std::string& subject) const;
    bool is_signed_by_trusted(parsed_jwt const& token) const;
    endpoint_answer grant(std::string const& subject, form_fields const& fields, bool token_exchange,
                          std::string const& thumbprint) const;

    mock_options const options_;
    std::shared_ptr<named_key const> const access_key_;
    named_key const es256_key_;
    mutable proof_verifier proofs_;
    client_assertions const clients_;
    mutable base::mutex trusted_lock_;
    std::vector<std::shared_ptr<named_key const>> trusted_ STS_GUARDED_BY(trusted_lock_);
    mutable std::once_flag rs256_made_; // generating an RSA key is slow, and most tests need none
    mutable std::optional<named_key> rs256_key_;
    mutable std::atomic<std::uint64_t> issued_{0};
};

} // namespace equinix::sts::testing
