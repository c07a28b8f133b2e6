#include "tool/token_file.hpp"

#include "base/failure.hpp"
#include "base/variable.hpp"
#include "base/write_all.hpp"

#include <boost/system/error_code.hpp>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string_view>

namespace equinix::sts::tool {
namespace {

namespace fs = std::filesystem;

constexpr char prefix[] = "sts-token.";
constexpr char name[] = "/token";
constexpr char draft[] = "/token.new";

[[noreturn]] void fail(std::string const& what) {
    boost::system::error_code const why(errno, boost::system::system_category());
    base::refuse("--token-file-env: cannot " + what + ": " + why.message());
}

bool is_in_memory(std::string const& folder) {
    struct statfs about{};
    return ::statfs(folder.c_str(), &about) == 0 &&
           (about.f_type == TMPFS_MAGIC || about.f_type == RAMFS_MAGIC) &&
           ::access(folder.c_str(), W_OK) == 0;
}

std::string memory() {
    std::string const usual(base::variable("XDG_RUNTIME_DIR"));
    for (auto const& folder : {usual, std::string("/dev/shm")})
        if (folder.starts_with('/') && is_in_memory(folder)) return folder;
    base::refuse("--token-file-env needs a folder in memory: set XDG_RUNTIME_DIR to one, or mount a tmpfs at "
                 "/dev/shm");
}

void remove_folder(std::string const& folder) noexcept {
    for (auto const* const file : {name, draft})
        ::unlink((folder + file).c_str());
    ::rmdir(folder.c_str());
}

/// Takes the lock of a folder of this user's; of none if another process has it.
base::descriptor locked(std::string const& folder) {
    base::descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat about{};
    bool const taken = opened.is_open() && ::fstat(opened.get(), &about) == 0 &&
                       about.st_uid == ::geteuid() && ::flock(opened.get(), LOCK_EX | LOCK_NB) == 0;
    if (!taken) opened.close();
    return opened;
}

/// A folder is locked a moment after it is made, so a young one may be in use without a lock.
bool is_young(std::string const& folder) {
    struct stat about{};
    return ::lstat(folder.c_str(), &about) != 0 || std::time(nullptr) - about.st_mtime < 60;
}

void remove_left_ones(std::string const& where) {
    std::error_code failed;
    for (fs::directory_iterator at(where, failed), end; !failed && at != end; at.increment(failed)) {
        auto const folder = at->path().string();
        if (!at->path().filename().string().starts_with(prefix) || is_young(folder)) continue;
        auto const lock = locked(folder);
        if (lock.is_open()) remove_folder(folder);
    }
}

std::string new_folder(std::string const& where) {
    remove_left_ones(where);
    auto folder = where + "/" + prefix + "XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) fail("create a folder in " + where);
    return folder;
}

} // namespace

token_file::token_file() : folder_(new_folder(memory())), path_(folder_ + name), lock_(locked(folder_)) {}

void token_file::remove() noexcept {
    remove_folder(folder_);
}

void token_file::write(secret const& token) {
    auto const temporary = folder_ + draft;
    ::mkdir(folder_.c_str(), 0700); // somebody may have removed it, as with the user's last session
    ::unlink(temporary.c_str());    // of a write that failed
    base::descriptor const file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400));
    if (!file.is_open()) fail("create the file " + temporary);
    if (!base::write_all(file, token.reveal())) fail("write the file " + temporary);
    if (::rename(temporary.c_str(), path_.c_str()) != 0) fail("replace the file " + path_);
}

} // namespace equinix::sts::tool
