// Turns a complete HTTP answer into a token or an error: the one place that judges.
#pragma once

#include "core/answer.hpp"

#include <equinix/sts/error.hpp>
#include <equinix/sts/options.hpp>
#include <equinix/sts/subject_token.hpp>
#include <equinix/sts/token.hpp>

#include <span>
#include <string_view>

namespace equinix::sts::core {

/// What the judgement needs of the request.
struct judgement_context {
    bool token_exchange = true;
    bool proves = false;        ///< the request had a proof of possession
    bool is_signed = false;     ///< it had a proof or an assertion, which contain the time
    bool demands_proof = false; ///< and wants a token that is bound to its key
    issued_token_type_policy policy = issued_token_type_policy::by_grant;
    std::string_view expected_type = token_types::access_token; ///< of the token, in a token exchange
    std::string_view target;                                    ///< of the endpoint: path and query
    std::string_view scope;                                     ///< of the request; empty if it has none
    time_stamp requested{};                                     ///< before the first byte was sent
    time_stamp received{};                                      ///< when the answer was complete
    std::span<std::string_view const> secrets{};                ///< what must not appear in an error's text
};

/// Whether an error made from this answer may quote it, so that `judgement_context::secrets` is needed.
bool may_quote(answer const& from) noexcept;

/// Judges by RFC 6749 sections 5.1 and 5.2 and RFC 8693 section 2.2. The status decides: only a 200 can carry
/// a token, only a 4xx or 5xx an OAuth error.
result<token> judge(answer const& from, judgement_context const& context);

} // namespace equinix::sts::core
