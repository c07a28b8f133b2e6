// Reads small files completely, without waiting for ever.
#pragma once

#include "base/saturating.hpp"
#include "base/wiped.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace equinix::sts::base {

/// The result of a read.
struct file_text {
    char const* problem =
        nullptr; ///< what is wrong with the file, as in "cannot be read"; null when it was read
    boost::system::error_code code;
    wiped_buffer text;
    std::size_t too_large = 0; ///< the limit in KiB, when it is larger
};

/// Reads the file. A file of `limit` bytes or more, slightly over that many KiB, is too large. With a
/// deadline, pipes and devices are read as well, until their end or that moment. Without one they are
/// refused, because they can be read only once. Throws `std::bad_alloc`.
///
/// A disk that does not respond blocks the caller: no system call can prevent that.
file_text read_file(std::string const& path, std::size_t limit,
                    std::optional<clock::time_point> deadline = std::nullopt);

/// The problem and the system's reason, as in "cannot be read: Permission denied" or "is larger than 64 KiB".
std::string problem_of(file_text const& read);

} // namespace equinix::sts::base
