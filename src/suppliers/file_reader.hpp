// Reading files, so that whoever waits for one can leave.
//
// A read from a dead server's disk hangs and cannot be cancelled. It runs on a detached thread that holds
// nothing but shared state; there is at most one a reader, started when a file is asked for. Whoever asks
// while it reads gets a read of their own time: what is being read may be older than the question.
#pragma once

#include "base/pending_answer.hpp"
#include "base/read_file.hpp"

#include <boost/system/error_code.hpp>

#include <memory>
#include <string>
#include <utility>

namespace equinix::sts::suppliers_detail {

/// What became of a read.
struct file_content : base::file_text {
    explicit file_content(base::file_text read) : base::file_text(std::move(read)) {}

    /// Whether it may be otherwise in a moment, as it is in the middle of a rotation.
    bool passing() const noexcept;
};

/// One caller's wait for the content of a file.
struct file_wish : base::pending_answer<file_content> {
    file_wish(std::string file, boost::asio::any_io_executor const& executor, handler done)
        : pending_answer(executor, std::move(done)), path(std::move(file)) {}

    std::string const path;
};

class file_reader {
public:
    file_reader();

    /// Throws as `base::run_detached`; then nobody is called.
    void start(std::shared_ptr<file_wish> wish);

private:
    struct desk;
    std::shared_ptr<desk> desk_; // outlives the reader as long as a read hangs
};

} // namespace equinix::sts::suppliers_detail
