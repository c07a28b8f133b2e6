// So that Boost.Test can show what it compares.
#pragma once

#include <equinix/sts/error.hpp>
#include <equinix/sts/observer.hpp>

#include <ostream>

namespace equinix::sts {
inline std::ostream& operator<<(std::ostream& out, error_kind kind) {
    return out << to_string(kind);
}
inline std::ostream& operator<<(std::ostream& out, phase where) {
    return out << to_string(where);
}
inline std::ostream& operator<<(std::ostream& out, event_type type) {
    return out << to_string(type);
}
} // namespace equinix::sts
