// Short ways to make the errors of this library.
#pragma once

#include <equinix/sts/error.hpp>

#include <string>
#include <utility>

namespace equinix::sts::core {

inline error_info failure(error_kind kind, sts::phase phase, std::string message,
                          boost::system::error_code code = {}) {
    error_info info;
    info.kind = kind;
    info.phase = phase;
    info.code = code.failed() ? code : make_error_code(kind);
    info.message = std::move(message);
    return info;
}

/// The statuses that ask for another try later, whatever the body says.
constexpr bool asks_for_later(unsigned status) noexcept {
    switch (status) {
    case 408:
    case 409:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
        return true;
    default:
        return false;
    }
}

[[noreturn]] inline void refuse(std::string message) {
    throw error(failure(error_kind::config, phase::none, std::move(message)));
}

} // namespace equinix::sts::core
