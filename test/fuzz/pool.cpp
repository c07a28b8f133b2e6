// The pool's bookkeeping under events in any order: no waiter lost or served twice, no connection handed out
// twice, each count and limit kept.
#include "fuzz/target.hpp"
#include "support/pool_events.hpp"

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    test::byte_source choices(test::text_of(data, size));
    equinix::sts::pool_options limits;
    limits.max_connections = 1 + choices.below(8);
    limits.max_opening = 1 + choices.below(4);
    limits.max_waiters = choices.below(32);
    limits.max_uses = choices.below(5);
    limits.idle_timeout = std::chrono::seconds(1 + choices.below(60));
    limits.max_age = std::chrono::seconds(1 + choices.below(300));
    auto const most_carried = choices.one_in(2) ? 1 + choices.below(8) : 1;
    test::pool_events(limits, choices, most_carried).run();
    return 0;
}
