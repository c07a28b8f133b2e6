#include <equinix/sts/subject_token_supplier.hpp>

#include <atomic>

namespace equinix::sts {
namespace {

/// Not the address, which the next supplier may get.
std::uint64_t next_identity() noexcept {
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
}

} // namespace

subject_token_supplier::subject_token_supplier() noexcept : identity_(next_identity()) {}

} // namespace equinix::sts
