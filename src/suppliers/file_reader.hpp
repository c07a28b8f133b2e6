// Reading files, so that whoever waits for one can leave.
//
// A read from a dead server's disk hangs and cannot be cancelled. It runs on a detached thread that holds
// nothing but shared state; there is at most one a reader, started when a file is asked for. Whoever asks
// while it reads gets a read of their own time: what is being read may be older than the question.
#pragma once

#include "net/read_file.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace equinix::sts::suppliers {

/// What became of a read.
struct file_content : net::file_text {
    explicit file_content(net::file_text read) : net::file_text(std::move(read)) {}

    /// Whether it may be otherwise in a moment, as it is in the middle of a rotation.
    bool passing() const noexcept;
};

/// Somebody's wish for a file. Owned by the wisher and by the reader.
class file_wish : public std::enable_shared_from_this<file_wish> {
public:
    using handler = std::function<void(std::shared_ptr<file_content const> const&)>;

    /// `done` is called on `executor`, which is kept running meanwhile, unless `leave` was called before.
    file_wish(std::string path, boost::asio::any_io_executor const& executor, handler done);

    /// From now on nothing of the executor is touched, and nobody is called.
    void leave() noexcept;

private:
    friend class file_reader;
    void deliver(std::shared_ptr<file_content const> const& content) noexcept;

    std::string const path_;
    std::mutex mutex_; // the reader's thread is there also where the program has no others
    boost::asio::any_io_executor executor_;
    handler done_;
};

class file_reader {
public:
    file_reader();

    /// Throws `std::system_error` when no thread can be had, or `std::bad_alloc`; then nobody is called.
    void start(std::shared_ptr<file_wish> wish);

private:
    struct desk;
    std::shared_ptr<desk> desk_; // outlives the reader as long as a read hangs
};

} // namespace equinix::sts::suppliers
