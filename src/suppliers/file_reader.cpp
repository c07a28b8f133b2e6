#include "suppliers/file_reader.hpp"

#include "core/secret_text.hpp"
#include "net/no_signals.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <cerrno>
#include <list>
#include <new>
#include <thread>

namespace equinix::sts::suppliers {

namespace asio = boost::asio;

bool file_content::passing() const noexcept {
    if (problem == nullptr) return core::trimmed(core::view(text)).empty();
    return code == boost::system::errc::no_such_file_or_directory || code.value() == ESTALE;
}

file_wish::file_wish(std::string path, asio::any_io_executor const& executor, handler done)
    : path_(std::move(path)), executor_(asio::prefer(executor, asio::execution::outstanding_work.tracked)),
      done_(std::move(done)) {}

void file_wish::leave() noexcept {
    asio::any_io_executor executor;
    handler forgotten;
    std::scoped_lock const lock(mutex_);
    std::swap(executor, executor_);
    done_.swap(forgotten);
}

/// Posts under the lock: whoever leaves, as at the end of the context, waits until that is done.
void file_wish::deliver(std::shared_ptr<file_content const> const& content) noexcept {
    std::scoped_lock const lock(mutex_);
    if (!done_) return;
    try {
        asio::post(executor_, [self = shared_from_this(), content] {
            handler done;
            {
                std::scoped_lock const held(self->mutex_);
                done.swap(self->done_);
            }
            if (done) done(content);
        });
    } catch (std::exception const&) {
        return; // without memory; the deadline will end it
    }
    executor_ = asio::any_io_executor();
}

/// What the reader and its thread share. The thread lives as long as there is something to read.
struct file_reader::desk {
    using wishes = std::list<std::shared_ptr<file_wish>>;

    std::mutex mutex;
    wishes waiting;
    bool busy = false;

    static void work(std::shared_ptr<desk> const& self) noexcept {
        for (;;) {
            wishes served;
            {
                std::scoped_lock const lock(self->mutex);
                if (self->waiting.empty()) {
                    self->busy = false;
                    return;
                }
                take_alike(self->waiting, served);
            }
            auto const content = read(served.front()->path_);
            for (auto const& wish : served)
                wish->deliver(content);
        }
    }

    /// The first and all who want the same file.
    static void take_alike(wishes& from, wishes& to) noexcept {
        auto const first = from.front();
        for (auto at = from.begin(); at != from.end();) {
            auto const next = std::next(at);
            if ((*at)->path_ == first->path_) to.splice(to.end(), from, at);
            at = next;
        }
    }

    static std::shared_ptr<file_content const> read(std::string const& path) noexcept {
        try {
            return std::make_shared<file_content>(net::read_file(path, core::secret_reading_limit));
        } catch (std::bad_alloc const&) {
            static file_content const none(net::file_text{
                "cannot be read", make_error_code(boost::system::errc::not_enough_memory), {}});
            return {std::shared_ptr<void>(), &none};
        }
    }
};

file_reader::file_reader() : desk_(std::make_shared<desk>()) {}

void file_reader::start(std::shared_ptr<file_wish> wish) {
    std::scoped_lock const lock(desk_->mutex);
    desk_->waiting.remove_if([](auto const& one) { return one.use_count() == 1; }); // has left
    desk_->waiting.push_back(std::move(wish));
    if (desk_->busy) return;
    try {
        net::no_signals const meanwhile;
        std::thread([shared = desk_] { desk::work(shared); }).detach();
    } catch (...) {
        desk_->waiting.pop_back();
        throw;
    }
    desk_->busy = true;
}

} // namespace equinix::sts::suppliers
