// Reads files such that a caller can stop waiting: a read from the disk of a dead server blocks and cannot be
// cancelled.
#pragma once

#include "base/detached_worker.hpp"
#include "base/read_file.hpp"

#include <string>
#include <utility>

namespace equinix::sts::suppliers_detail {

/// The result of a read.
struct file_content : base::file_text {
    explicit file_content(base::file_text read) : base::file_text(std::move(read)) {}

    /// Whether the result may change in a moment, as during a rotation.
    bool passing() const noexcept;
};

/// Callers that ask during a read get a later read of their own.
struct file_reader : base::detached_worker<std::string, file_content> {
    file_reader();
};

} // namespace equinix::sts::suppliers_detail
