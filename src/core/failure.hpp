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

[[noreturn]] inline void refuse(std::string message) {
    throw error(failure(error_kind::config, phase::none, std::move(message)));
}

} // namespace equinix::sts::core
