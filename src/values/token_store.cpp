#include <equinix/sts/token_store.hpp>

namespace equinix::sts {

token_store::~token_store() = default;

std::vector<secret> token_store::keys() const {
    return {};
}

} // namespace equinix::sts
