#include "client/operation.hpp"

namespace equinix::sts::client_detail {

time_stamp now_on_both_clocks() {
    return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
}

} // namespace equinix::sts::client_detail
