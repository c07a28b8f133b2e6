// Sources that share their tokens through a store.
#pragma once

#include "support/token_source.hpp"

#include <equinix/sts/testing/memory_store.hpp>

namespace test {

/// A fleet: each source has a client of its own, and they share a store.
struct fleet : sourced {
    using sourced::sourced;

    sts::refresh_options sharing() const {
        sts::refresh_options made;
        made.sharing.store = store;
        made.sharing.keys = {key};
        return made;
    }
    sts::token_source member() { return member(sharing()); }
    sts::token_source member(sts::refresh_options const& how) { return source(client(), asked, how); }

    /// Until nothing is written or released any longer.
    void settle(sts::token_source const& one) {
        bool done = false;
        asio::co_spawn(context, one.shutdown(), [&](std::exception_ptr) { done = true; });
        run_until(context, [&] { return done; });
    }
    void fail_all(sts::testing::store_fault how) {
        store->faults([how](auto, auto) { return how; });
    }
    std::string text_of(sts::token_source const& from) {
        return std::string(token_of(from)->access_token.reveal());
    }

    sts::secret const key{std::string(32, 'k')};
    sts::exchange_request const asked = request();
    std::shared_ptr<sts::testing::memory_store> const store = std::make_shared<sts::testing::memory_store>();
};

} // namespace test
