// Reading small files whole, without a wait that has no end.
#pragma once

#include "base/saturating.hpp"
#include "base/wiped.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace equinix::sts::base {

/// What became of a read.
struct file_text {
    char const* problem =
        nullptr; ///< what is wrong with the file, as in "cannot be read"; null when it was read
    boost::system::error_code code;
    wiped_buffer text;
    std::size_t too_large = 0; ///< the limit in KiB, when it is larger
};

/// Reads the file. One of `limit` bytes or more, a little over so many KiB, is too large. With a deadline
/// pipes and devices are read as well, until their end or that moment; without one they are refused, since
/// what they hold can be read but once. Throws `std::bad_alloc`.
///
/// A disk that hangs blocks the caller: that no system call can prevent.
file_text read_file(std::string const& path, std::size_t limit,
                    std::optional<clock::time_point> deadline = std::nullopt);

/// The problem and the system's reason, as in "cannot be read: Permission denied" or "is larger than 64 KiB".
std::string problem_of(file_text const& read);

} // namespace equinix::sts::base
