#include "stores/store_folder.hpp"

#include "base/failure.hpp"
#include "base/hexadecimal.hpp"
#include "base/saturating.hpp"
#include "base/write_all.hpp"
#include "core/store_record.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace equinix::sts::stores_detail {
namespace {

using base::descriptor;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr auto largest_record = core::store_keys::largest_record;
constexpr std::size_t end_size = 16;        // hexadecimal digits
constexpr std::size_t largest_lease = 1024; // its life, and who holds it
constexpr auto between_tries = milliseconds(1);
constexpr milliseconds age_of_litter = std::chrono::minutes(1);
constexpr milliseconds between_sweeps = std::chrono::minutes(1);
constexpr std::size_t sweep_at_most = 1024;

error_code last_error() noexcept {
    return {errno, boost::system::system_category()};
}

error_info failed(std::string_view what, error_code why = last_error()) {
    auto const kind = why.value() == EACCES || why.value() == EROFS || why.value() == EPERM
                          ? error_kind::config
                          : error_kind::network;
    auto info = base::failure(kind, phase::store, "");
    info.code = why;
    info.message = "the token store's directory " + std::string(what) + ": " + why.message();
    return info;
}

milliseconds now() noexcept {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now().time_since_epoch());
}

milliseconds modified(struct stat const& file) noexcept {
    return std::chrono::seconds(file.st_mtim.tv_sec) +
           std::chrono::floor<milliseconds>(std::chrono::nanoseconds(file.st_mtim.tv_nsec));
}

/// Opens a regular file of this user. Otherwise none is open, with `errno` ELOOP if something else is at its
/// place. Never waits and follows no link.
descriptor open_file(descriptor const& folder, std::string const& name, int flags) {
    descriptor file(::openat(folder.get(), name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    struct stat found{};
    bool const ours = file.is_open() && ::fstat(file.get(), &found) == 0 && S_ISREG(found.st_mode) &&
                      found.st_uid == ::geteuid();
    if (file.is_open() && !ours) errno = ELOOP;
    return ours ? std::move(file) : descriptor();
}

/// Reads all of a file that has at most this many bytes.
std::optional<std::string> read_all(descriptor const& file, std::size_t at_most) {
    constexpr std::size_t usual = 4096;
    std::string text(std::min(usual, at_most + 1), '\0');
    std::size_t size = 0;
    while (size <= at_most) {
        if (size == text.size()) text.resize(std::min(2 * size, at_most + 1));
        auto const got = ::read(file.get(), text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size > at_most) return std::nullopt;
    text.resize(size);
    return text;
}

std::string digits_of(milliseconds value) {
    std::string out(end_size, '0');
    auto left = static_cast<unsigned long long>(value.count());
    for (auto at = out.rbegin(); at != out.rend(); ++at, left >>= 4U)
        *at = "0123456789abcdef"[left & 0xfU];
    return out;
}

std::optional<milliseconds> value_of(std::string_view digits) {
    unsigned long long value = 0;
    auto const* const begin = digits.data();
    auto const* const end = begin + digits.size();
    if (digits.size() != end_size || std::from_chars(begin, end, value, 16).ptr != end) return std::nullopt;
    constexpr unsigned long long most = 1ULL << 52U; // so that no sum overflows
    return value < most ? std::optional(milliseconds(value)) : std::nullopt;
}

/// A record and the end of its life, which may have passed.
struct record_file {
    milliseconds end{};
    std::string bytes{};
};

/// Nothing when there is no record at this place.
std::optional<record_file> read_file_of(descriptor const& folder, std::string const& place) {
    auto const file = open_file(folder, place, O_RDONLY);
    auto const text = file.is_open() ? read_all(file, end_size + largest_record) : std::nullopt;
    auto const end = text && text->size() > end_size ? value_of(std::string_view(*text).substr(0, end_size))
                                                     : std::nullopt;
    if (!end) return std::nullopt;
    return record_file{*end, text->substr(end_size)};
}

/// The record, if there is one that is still alive.
stored_record read_record(descriptor const& folder, std::string const& name) {
    stored_record found;
    found.time = now();
    auto record = read_file_of(folder, name + ".record");
    if (!record || record->end <= found.time) return found;
    found.left = record->end - found.time;
    found.bytes = std::move(record->bytes);
    return found;
}

/// Removes what is at this place, even an empty directory.
void remove_any(descriptor const& folder, std::string const& name) noexcept {
    if (::unlinkat(folder.get(), name.c_str(), 0) != 0) ::unlinkat(folder.get(), name.c_str(), AT_REMOVEDIR);
}

/// A file beside the place of another, until it is renamed to it.
class beside {
public:
    explicit beside(descriptor const& folder) : folder_(&folder) {
        // Not OpenSSL's, which would set up a generator of its own for each thread.
        std::array<char, 8> random{};
        if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) return;
        base::append_hexadecimal(name_, {random.data(), random.size()});
        name_ += ".tmp";
        constexpr int how = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
        file_.emplace(::openat(folder.get(), name_.c_str(), how, 0600));
    }
    beside(beside const&) = delete;
    beside& operator=(beside const&) = delete;
    ~beside() {
        if (is_open()) ::unlinkat(folder_->get(), name_.c_str(), 0);
    }

    bool is_open() const noexcept { return file_ && file_->is_open(); }
    descriptor const& file() const noexcept { return *file_; }
    bool rename_to(std::string const& name) noexcept {
        if (::renameat(folder_->get(), name_.c_str(), folder_->get(), name.c_str()) != 0) {
            if (errno != EISDIR && errno != ENOTEMPTY && errno != EEXIST) return false;
            remove_any(*folder_, name);
            if (::renameat(folder_->get(), name_.c_str(), folder_->get(), name.c_str()) != 0) return false;
        }
        file_->close();
        return true;
    }

private:
    descriptor const* folder_;
    std::string name_;
    std::optional<descriptor> file_;
};

/// A file that is locked, or is another's, or neither.
struct locked_file {
    descriptor file{};
    bool taken = false; ///< another has locked it
};

/// Opens and locks a file, which is at its place in the directory then: another may have removed it
/// meanwhile.
locked_file lock(descriptor const& folder, std::string const& name) {
    constexpr int tries = 16;
    for (int i = 0; i < tries; ++i) {
        auto file = open_file(folder, name, O_RDWR | O_CREAT);
        if (!file.is_open() && errno != ELOOP && errno != EISDIR && errno != ENXIO) return {};
        if (!file.is_open()) {
            remove_any(folder, name);
            continue;
        }
        if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
            return errno == EWOULDBLOCK ? locked_file{std::move(file), true} : locked_file{};
        struct stat opened{}, there{};
        if (::fstat(file.get(), &opened) == 0 &&
            ::fstatat(folder.get(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
            opened.st_ino == there.st_ino && opened.st_dev == there.st_dev)
            return {std::move(file), false};
    }
    errno = EAGAIN;
    return {};
}

/// Who holds the lease, which is another process, and how long it still lasts.
void tell_of_another(descriptor const& file, store_lease& got) {
    struct stat found{};
    auto const text = read_all(file, largest_lease);
    unsigned long life = 0;
    auto const end = text ? text->find('\n') : std::string::npos;
    if (::fstat(file.get(), &found) != 0 || end == std::string::npos ||
        std::from_chars(text->data(), text->data() + end, life).ec != std::errc()) {
        got.left = std::chrono::seconds(1); // it is about to be written
        return;
    }
    got.left = modified(found) + std::min(milliseconds(life), milliseconds(std::chrono::minutes(10))) - now();
    got.holder = text->substr(end + 1);
}

/// Whether the life of a record has ended, or it is none.
bool is_over(descriptor const& folder, std::string const& place, milliseconds time) {
    auto const record = read_file_of(folder, place);
    return !record || record->end <= time;
}

} // namespace

store_folder::store_folder(std::string path) : path_(std::move(path)) {
    if (path_.empty() || path_.front() != '/')
        base::refuse("file_store: the directory must be an absolute path");
    if (::mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST)
        base::refuse("file_store: the directory " + path_ + " cannot be created: " + last_error().message());
    struct stat found{};
    auto const folder = open();
    if (!folder.is_open() || ::fstat(folder.get(), &found) != 0)
        base::refuse("file_store: the directory " + path_ + " cannot be opened: " + last_error().message());
    if (found.st_uid != ::geteuid())
        base::refuse("file_store: the directory " + path_ + " belongs to another user: give one of your own");
    if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        base::refuse("file_store: others may write to the directory " + path_ + ": chmod go-w");
}

/// Opened anew for each operation: the directory may be removed and made again while the program runs.
descriptor store_folder::open() const {
    constexpr int how = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    descriptor folder(::open(path_.c_str(), how));
    if (folder.is_open() || errno != ENOENT || ::mkdir(path_.c_str(), 0700) != 0) return folder;
    return descriptor(::open(path_.c_str(), how));
}

result<stored_record> store_folder::look(std::string const& name) const {
    auto const folder = open();
    if (!folder.is_open()) return failed("cannot be opened");
    return read_record(folder, name);
}

result<bool> store_folder::swap(std::string const& name, std::optional<std::string> const& expected,
                                std::optional<std::string> const& desired, milliseconds life,
                                std::chrono::nanoseconds bound) {
    auto const folder = open();
    if (!folder.is_open()) return failed("cannot be opened");
    auto const give_up = base::after(base::clock::now(), bound);
    for (;;) {
        auto const locked = lock(folder, name + ".lock");
        if (!locked.file.is_open()) return failed("cannot be locked");
        if (!locked.taken) return replace(folder, name, expected, desired, life);
        if (base::clock::now() >= give_up) break;
        std::this_thread::sleep_for(between_tries);
    }
    return base::failure(error_kind::timeout, phase::store, "a record of the token store is locked");
}

/// Requires the lock of the name.
result<bool> store_folder::replace(base::descriptor const& folder, std::string const& name,
                                   std::optional<std::string> const& expected,
                                   std::optional<std::string> const& desired, milliseconds life) {
    auto const place = name + ".record";
    auto const there = read_record(folder, name).bytes;
    if (there == desired) return true;
    if (there != expected) return false;
    if (!desired) {
        remove_any(folder, place);
        return true;
    }
    beside made(folder);
    if (!made.is_open() || !base::write_all(made.file(), digits_of(now() + life)) ||
        !base::write_all(made.file(), *desired) || !made.rename_to(place))
        return failed("cannot be written");
    sweep(sweep_at_most);
    return true;
}

store_folder::held_lease* store_folder::held(std::string const& name, std::string const& owner) noexcept {
    auto const at = leases_.find(name);
    return at != leases_.end() && at->second.owner == owner ? &at->second : nullptr;
}

bool store_folder::renew(held_lease& one, milliseconds life) const noexcept {
    one.life = life;
    one.renewed = now();
    auto const text = std::to_string(life.count()) + "\n" + one.owner;
    return ::ftruncate(one.file.get(), 0) == 0 &&
           ::pwrite(one.file.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()) &&
           ::futimens(one.file.get(), nullptr) == 0;
}

result<store_lease> store_folder::acquire(std::string const& name, std::string const& owner,
                                          milliseconds life) {
    auto const folder = open();
    if (!folder.is_open()) return failed("cannot be opened");
    forget_lapsed(folder, name);
    store_lease got;
    auto const known = leases_.find(name);
    if (known != leases_.end()) {
        auto& one = known->second;
        auto const left = one.left(now());
        got.won = one.owner == owner || left <= milliseconds(0);
        if (got.won) one.owner = owner;
        if (got.won && !renew(one, life)) return failed("cannot be written");
        got.left = left;
        if (!got.won) got.holder = one.owner;
    } else {
        auto locked = lock(folder, name + ".lease");
        if (!locked.file.is_open()) return failed("cannot be written");
        got.won = !locked.taken;
        if (got.won) {
            auto& one = leases_.emplace(name, held_lease(std::move(locked.file), owner)).first->second;
            if (!renew(one, life)) {
                leases_.erase(name);
                return failed("cannot be written");
            }
        } else {
            tell_of_another(locked.file, got);
        }
    }
    got.now = read_record(folder, name);
    return got;
}

/// Gives up leases that were not renewed in time: this process still has their locks.
void store_folder::forget_lapsed(base::descriptor const& folder, std::string const& except) {
    std::erase_if(leases_, [&](auto const& one) {
        bool const lapsed = one.first != except && one.second.left(now()) <= milliseconds(0);
        if (lapsed) ::unlinkat(folder.get(), (one.first + ".lease").c_str(), 0);
        return lapsed;
    });
}

result<bool> store_folder::renew(std::string const& name, std::string const& owner, milliseconds life) {
    auto* const one = held(name, owner);
    if (one == nullptr) return false;
    if (!renew(*one, life)) return failed("cannot be written");
    return true;
}

result<bool> store_folder::release(std::string const& name, std::string const& owner) {
    if (held(name, owner) == nullptr) return false;
    auto const folder = open();
    // While it is locked: who opens it meanwhile sees that it is no longer at its place.
    if (folder.is_open()) ::unlinkat(folder.get(), (name + ".lease").c_str(), 0);
    leases_.erase(name);
    return true;
}

/// A record whose end has passed, a file beside its place that was left, or a lock that nobody holds.
void store_folder::sweep(std::size_t at_most) {
    auto const time = now();
    if (time >= swept_ && time < swept_ + between_sweeps) return;
    swept_ = time;
    auto folder = open();
    if (!folder.is_open()) return;
    descriptor const used(::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    std::unique_ptr<DIR, int (*)(DIR*)> const all(::fdopendir(folder.release()), ::closedir);
    if (!all || !used.is_open()) return;
    std::size_t position = 0;
    for (auto const* each = ::readdir(all.get()); each != nullptr; each = ::readdir(all.get())) { // NOLINT
        if (position++ < sweep_from_) continue; // was seen the last time
        if (at_most-- == 0) {
            sweep_from_ = position - 1;
            return;
        }
        sweep(used, each->d_name, time);
    }
    sweep_from_ = 0;
}

void store_folder::sweep(base::descriptor const& folder, std::string const& name, milliseconds time) {
    struct stat found{};
    if (::fstatat(folder.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return;
    if (modified(found) + age_of_litter >= time) return;
    if (name.ends_with(".record")) {
        if (!is_over(folder, name, time)) return;
        // Another process may be about to replace it.
        auto const locked = lock(folder, name.substr(0, name.size() - 7) + ".lock");
        if (locked.file.is_open() && !locked.taken && is_over(folder, name, time))
            ::unlinkat(folder.get(), name.c_str(), 0);
    } else if (name.ends_with(".tmp")) {
        ::unlinkat(folder.get(), name.c_str(), 0);
    } else if (name.ends_with(".lock") || name.ends_with(".lease")) {
        auto const locked = lock(folder, name);
        if (locked.file.is_open() && !locked.taken) ::unlinkat(folder.get(), name.c_str(), 0);
    }
}

} // namespace equinix::sts::stores_detail
