// A record of a token store: of any bytes, and of one that was sealed and then changed.
#include "core/store_record.hpp"

#include "fuzz/target.hpp"

#include <string>

namespace {

namespace core = equinix::sts::core;
namespace sts = equinix::sts;
using namespace test;

core::store_record sealed_record() {
    core::store_record made;
    made.generation = std::chrono::milliseconds(1);
    made.life = std::chrono::hours(1);
    made.what.token_type = "Bearer";
    made.what.expires_in = std::chrono::hours(1);
    made.what.set_access_token(canary);
    return made;
}

} // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static core::store_keys const keys({sts::secret(std::string(32, 'k'))});
    static auto const name = keys.names_of("name").front();
    static auto const whole = keys.seal(sealed_record(), name, std::string(core::store_keys::salt_size, 's'));
    auto const text = text_of(data, size);
    require(text == whole || !keys.open(text, name), "bytes opened that nobody has sealed");

    // The input as changes to the whole: a place, and what comes there.
    byte_source choose(text);
    auto changed = whole;
    while (!choose.empty() && !changed.empty()) {
        auto const at = choose.below(changed.size());
        switch (choose.below(3)) {
        case 0:
            changed[at] = static_cast<char>(choose.byte());
            break;
        case 1:
            changed.erase(at, 1 + choose.below(8));
            break;
        default:
            changed.insert(at, 1, static_cast<char>(choose.byte()));
        }
    }
    auto const opened = keys.open(changed, name);
    require((changed == whole) == opened.has_value(), "a changed record opened, or the whole one did not");
    return 0;
}
