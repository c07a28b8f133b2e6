#include "suppliers/program.hpp"

#include "base/secret_text.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace equinix::sts::suppliers_detail {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

struct pipe_ends {
    base::descriptor read, write;
};

pipe_ends make_pipe() {
    int ends[2] = {-1, -1};
    bool const made = ::pipe2(ends, O_CLOEXEC) == 0;
    pipe_ends owned{base::descriptor(ends[0]), base::descriptor(ends[1])};
    if (!made || ::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) // the program's end of the pipe stays blocking
        throw boost::system::system_error(errno, boost::system::system_category());
    return owned;
}

void adopt(asio::posix::stream_descriptor& as, base::descriptor owned) {
    as.assign(owned.get());
    owned.release();
}

} // namespace

program::program(asio::any_io_executor const& executor, std::vector<std::string> const& arguments,
                 std::vector<std::string> const& variables)
    : output_(executor), exit_(executor), look_(executor), bound_(executor),
      text_(base::secret_reading_limit) {
    auto ends = make_pipe();
    child_.emplace(arguments, variables, ends.write);
    adopt(output_, std::move(ends.read));
    auto notice = child_->watch();
    if (notice.is_open()) adopt(exit_, std::move(notice));
}

void program::start(std::chrono::steady_clock::time_point limit) {
    bound_.expires_at(limit);
    bound_.async_wait([self = shared_from_this()](error_code failed) {
        if (!failed) self->give_up(self->late_);
    });
    collect();
}

asio::awaitable<error_code> program::wait() {
    constexpr std::chrono::milliseconds most(50);
    error_code failed;
    if (exit_.is_open()) {
        co_await exit_.async_wait(asio::posix::stream_descriptor::wait_read,
                                  asio::redirect_error(asio::use_awaitable, failed));
        if (!failed || failed == asio::error::operation_aborted) co_return failed;
        exit_.close(failed);
    }
    look_.expires_after(until_look_);
    until_look_ = std::min(2 * until_look_, most);
    co_await look_.async_wait(asio::redirect_error(asio::use_awaitable, failed));
    co_return failed;
}

void program::stop() noexcept {
    error_code ignored;
    output_.close(ignored);
    exit_.close(ignored);
    child_.reset();
    try {
        look_.cancel();
        bound_.cancel();
    } catch (boost::system::system_error const&) {
        return; // it passes, and finds nothing to do
    }
}

bool program::take() {
    while (size_ < text_.size()) {
        auto const got = ::read(output_.native_handle(), text_.data() + size_, text_.size() - size_);
        if (got > 0)
            size_ += static_cast<std::size_t>(got);
        else if (got == 0 || errno != EINTR)
            return got < 0 && errno == EAGAIN;
    }
    too_much_ = true;
    return false;
}

void program::collect() {
    output_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [self = shared_from_this()](error_code failed) {
                           if (failed || !self->output_.is_open()) return;
                           if (self->take())
                               self->collect();
                           else if (self->too_much_)
                               self->give_up(self->too_much_);
                       });
}

void program::give_up(bool& why) {
    why = true;
    error_code ignored;
    exit_.cancel(ignored);
    look_.cancel();
}

} // namespace equinix::sts::suppliers_detail
