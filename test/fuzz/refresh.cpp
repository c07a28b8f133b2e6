// The schedule of one token under events in any order: one flight at a time, nothing served beyond its end.
#include "fuzz/target.hpp"
#include "support/refresh_events.hpp"

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    test::byte_source choices(test::text_of(data, size));
    test::refresh_events(choices).run();
    return 0;
}
