// So that Boost.Test can show what it compares.
#pragma once

#include <equinix/sts/error.hpp>

#include <ostream>

namespace equinix::sts {
inline std::ostream& operator<<(std::ostream& out, error_kind kind) {
    return out << to_string(kind);
}
inline std::ostream& operator<<(std::ostream& out, phase where) {
    return out << to_string(where);
}
} // namespace equinix::sts
