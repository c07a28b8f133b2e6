#include "base/read_file.hpp"

#include "base/descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace equinix::sts::base {
namespace {

/// Returns false when the deadline has passed. A FIFO that no one has opened for writing yet would look like
/// one at its end.
bool wait_for_more(int file, clock::time_point deadline) {
    for (;;) {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
        if (left <= 0) return false;
        auto const bound = std::min<long long>(left, std::numeric_limits<int>::max());
        pollfd about{file, POLLIN, 0};
        auto const ready = ::poll(&about, 1, static_cast<int>(bound));
        if (ready > 0 || (ready < 0 && errno != EINTR)) return true; // the read reports what is wrong
    }
}

void read_into(file_text& content, std::string const& path, std::size_t limit,
               std::optional<clock::time_point> deadline) {
    auto const failed = [&] {
        content.problem = "cannot be read";
        content.code.assign(errno, boost::system::system_category());
    };
    // Not blocking: opening a FIFO would wait for a writer.
    descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat about{};
    if (!file.is_open() || ::fstat(file.get(), &about) != 0) return failed();
    bool const regular = S_ISREG(about.st_mode);
    if (!regular && !deadline) {
        content.problem = "is not a regular file";
        return;
    }
    // No more than needed: the whole buffer is overwritten when it is released.
    constexpr std::size_t least = 4096;
    auto const expected = regular ? static_cast<std::size_t>(about.st_size) + 1 : least;
    content.text.resize(std::min(limit, std::max(expected, least)));
    std::size_t size = 0;
    while (size < limit) {
        if (!regular && !wait_for_more(file.get(), *deadline)) {
            content.problem =
                "could not be read in time: no process writes to it, or the writer does not close it";
            break;
        }
        if (size == content.text.size()) content.text.resize(std::min(limit, 2 * size));
        auto const got = ::read(file.get(), content.text.data() + size, content.text.size() - size);
        if (got == 0) break;
        if (got > 0)
            size += static_cast<std::size_t>(got);
        else if (errno != EINTR && errno != EAGAIN)
            return failed();
    }
    if (size == limit) {
        content.problem = "is too large";
        content.too_large = limit / 1024;
    }
    content.text.resize(size);
}

} // namespace

file_text read_file(std::string const& path, std::size_t limit, std::optional<clock::time_point> deadline) {
    file_text content;
    read_into(content, path, limit, deadline);
    return content;
}

std::string problem_of(file_text const& read) {
    if (read.too_large != 0) return "is larger than " + std::to_string(read.too_large) + " KiB";
    std::string text = read.problem;
    if (read.code) text += ": " + read.code.message();
    return text;
}

} // namespace equinix::sts::base
