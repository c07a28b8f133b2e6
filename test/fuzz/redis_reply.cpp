// Replies of Redis: any bytes, in pieces, give the same replies as at once, within bounds.
#include "fuzz/target.hpp"
#include "redis/reply.hpp"
#include "redis/words.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace {

namespace redis = equinix::sts::redis_detail;
using namespace test;

std::string text_of(redis::reply const& one) {
    auto text =
        std::to_string(static_cast<int>(one.is)) + ":" + std::to_string(one.integer) + ":" + one.text + "[";
    for (auto const& each : one.elements)
        text += text_of(each);
    return text + "]";
}

std::string read(std::string_view bytes, std::size_t piece) {
    redis::reply_reader reader;
    std::string all;
    while (!bytes.empty()) {
        auto const now = bytes.substr(0, piece);
        bytes.remove_prefix(now.size());
        if (!reader.feed(now)) break;
        while (auto one = reader.next()) {
            all += text_of(*one);
            if (one->is_error()) require_no_canary(redis::described(*one).message);
        }
        if (reader.is_broken()) break;
    }
    return all;
}

} // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    byte_source choose(test::text_of(data, size));
    auto const piece = 1 + choose.below(64);
    auto const bytes = choose.rest();
    auto const whole = read(bytes, std::max<std::size_t>(bytes.size(), 1));
    require(read(bytes, piece) == whole, "pieces give other replies than the whole");
    return 0;
}
