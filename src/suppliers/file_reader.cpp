#include "suppliers/file_reader.hpp"

#include "base/secret_text.hpp"
#include "suppliers/supplied_token.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <system_error>

namespace equinix::sts::suppliers_detail {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// A wait that is cancelled when the caller leaves.
class pending_read {
public:
    using wait = base::pending_answer<file_content>;

    pending_read(asio::any_io_executor const& executor, wait::handler done)
        : wait_(std::make_shared<wait>(executor, std::move(done))) {}
    pending_read(pending_read const&) = delete;
    pending_read& operator=(pending_read const&) = delete;
    ~pending_read() { wait_->cancel(); }

    void start(file_reader& reader, std::string const& path, std::string const& source) {
        try {
            reader.start(path, wait_);
        } catch (std::system_error const& no_thread) {
            fail(error_kind::network, source + " cannot be read: no thread could be started",
                 error_code(no_thread.code().value(), boost::system::system_category()));
        }
    }

private:
    std::shared_ptr<wait> wait_;
};

file_content read(std::string const& path) {
    return file_content(base::read_file(path, base::secret_reading_limit));
}

base::file_text without_memory() {
    return {"cannot be read", make_error_code(boost::system::errc::not_enough_memory), {}};
}

} // namespace

bool file_content::passing() const noexcept {
    if (problem == nullptr) return base::trimmed(base::view(text)).empty();
    return code == boost::system::errc::no_such_file_or_directory || code.value() == ESTALE;
}

file_reader::file_reader() : detached_worker(read, late::calls_new, file_content(without_memory())) {}

void check_read(file_content const& content, std::string const& source) {
    if (content.problem != nullptr)
        fail(error_kind::config, source + " " + base::problem_of(content), content.code);
}

asio::awaitable<content_ptr> read_file(std::shared_ptr<file_reader> reader, std::string path,
                                       std::string source, std::chrono::steady_clock::time_point deadline) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer bound(executor, deadline);
    content_ptr content;
    pending_read pending(executor, [&](content_ptr const& delivered) {
        content = delivered;
        bound.cancel();
    });
    pending.start(*reader, path, source);
    error_code ended;
    co_await bound.async_wait(asio::redirect_error(asio::use_awaitable, ended));
    if (content == nullptr && ended) throw boost::system::system_error(ended); // cancelled
    if (content == nullptr) fail(error_kind::timeout, source + " could not be read in time");
    co_return content;
}

} // namespace equinix::sts::suppliers_detail
