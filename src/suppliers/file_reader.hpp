// Reads files such that a caller can stop waiting: a read from the disk of a dead server blocks and cannot be
// cancelled.
#pragma once

#include "base/detached_worker.hpp"
#include "base/read_file.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
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

/// Throws `error` of kind `config` if the file, which that calls `source`, was not read.
void check_read(file_content const& content, std::string const& source);

using content_ptr = std::shared_ptr<file_content const>;

/// Reads a file, which errors call `source`. Fails with kind `timeout` at the deadline, and with kind
/// `network` if no thread can be started; any other failure is in the content.
boost::asio::awaitable<content_ptr> read_file(std::shared_ptr<file_reader> reader, std::string path,
                                              std::string source,
                                              std::chrono::steady_clock::time_point deadline);

} // namespace equinix::sts::suppliers_detail
