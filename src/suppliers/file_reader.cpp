#include "suppliers/file_reader.hpp"

#include "base/detached_thread.hpp"
#include "base/lock.hpp"
#include "base/secret_text.hpp"

#include <cerrno>
#include <list>
#include <new>

namespace equinix::sts::suppliers_detail {

bool file_content::passing() const noexcept {
    if (problem == nullptr) return base::trimmed(base::view(text)).empty();
    return code == boost::system::errc::no_such_file_or_directory || code.value() == ESTALE;
}

/// What the reader and its thread share. The thread lives as long as there is something to read.
struct file_reader::desk {
    using wishes = std::list<std::shared_ptr<file_wish>>;

    base::mutex mutex;
    wishes waiting STS_GUARDED_BY(mutex);
    bool busy STS_GUARDED_BY(mutex) = false;
    file_content const without_memory{
        base::file_text{"cannot be read", make_error_code(boost::system::errc::not_enough_memory), {}}};

    static void work(std::shared_ptr<desk> const& self) noexcept {
        for (;;) {
            wishes served;
            {
                base::mutex_lock const lock(self->mutex);
                if (self->waiting.empty()) {
                    self->busy = false;
                    return;
                }
                take_alike(self->waiting, served);
            }
            auto const content = read(served.front()->path, self);
            for (auto const& wish : served)
                wish->deliver(content);
        }
    }

    /// The first and all who want the same file.
    static void take_alike(wishes& from, wishes& to) noexcept {
        auto const first = from.front();
        for (auto at = from.begin(); at != from.end();) {
            auto const next = std::next(at);
            if ((*at)->path == first->path) to.splice(to.end(), from, at);
            at = next;
        }
    }

    static std::shared_ptr<file_content const> read(std::string const& path,
                                                    std::shared_ptr<desk> const& self) noexcept {
        try {
            return std::make_shared<file_content>(base::read_file(path, base::secret_reading_limit));
        } catch (std::bad_alloc const&) {
            return {self, &self->without_memory};
        }
    }
};

file_reader::file_reader() : desk_(std::make_shared<desk>()) {}

void file_reader::start(std::shared_ptr<file_wish> wish) {
    base::mutex_lock const lock(desk_->mutex);
    desk_->waiting.remove_if([](auto const& one) { return one.use_count() == 1; }); // has left
    desk_->waiting.push_back(std::move(wish));
    if (desk_->busy) return;
    try {
        base::run_detached([shared = desk_] { desk::work(shared); });
    } catch (...) {
        desk_->waiting.pop_back();
        throw;
    }
    desk_->busy = true;
}

} // namespace equinix::sts::suppliers_detail
