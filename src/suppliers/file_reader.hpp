// Reading files, so that whoever waits for one can leave: a read from a dead server's disk hangs and cannot
// be cancelled.
#pragma once

#include "base/detached_worker.hpp"
#include "base/read_file.hpp"

#include <string>
#include <utility>

namespace equinix::sts::suppliers_detail {

/// What became of a read.
struct file_content : base::file_text {
    explicit file_content(base::file_text read) : base::file_text(std::move(read)) {}

    /// Whether it may be otherwise in a moment, as it is in the middle of a rotation.
    bool passing() const noexcept;
};

/// Whoever asks while it reads gets a read of their own time.
struct file_reader : base::detached_worker<std::string, file_content> {
    file_reader();
};

} // namespace equinix::sts::suppliers_detail
