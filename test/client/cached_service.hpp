// A service with a token cache in front of it.
#pragma once

#include "support/token_source.hpp"

namespace test {

struct cached : service {
    sts::token_cache cache(sts::cache_options const& with = sts::cache_options()) {
        return sts::token_cache(client(one_attempt()), with);
    }
    sts::exchange_request scoped(std::string scope) const {
        return sts::exchange_request(sts::subject_token(workload)).scope(sts::scope(std::move(scope)));
    }
    /// What a caller awaits.
    auto wanting(sts::token_cache const& from, std::string scope) const {
        return [this, from, scope] { return from.try_get(scoped(scope)); };
    }
    token_outcome get(sts::token_cache const& from, std::string const& scope) {
        waiting one(context, wanting(from, scope));
        return std::move(one.wait());
    }
    token_ptr token_of(sts::token_cache const& from, std::string const& scope) {
        auto got = get(from, scope);
        BOOST_REQUIRE_MESSAGE(got.has_value(), "no token");
        return *got;
    }
    bool has(sts::token_cache const& in, std::string const& scope) const {
        return in.stats(in.key_of(scoped(scope))).has_value();
    }

    std::string const workload = mock.id_token();
};

} // namespace test
