// A token cache's keys under events in any order: which one is evicted, against a model.
#include "fuzz/target.hpp"
#include "support/cache_events.hpp"

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    test::cache_events(test::byte_source(test::text_of(data, size))).run();
    return 0;
}
