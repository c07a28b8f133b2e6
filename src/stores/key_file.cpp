#include "stores/key_file.hpp"

#include "base/descriptor.hpp"
#include "base/failure.hpp"
#include "base/hexadecimal.hpp"
#include "base/read_file.hpp"
#include "base/sealing.hpp"
#include "base/secret_text.hpp"
#include "base/write_all.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace equinix::sts::stores_detail {
namespace {

constexpr std::size_t largest = 4096, key_size = 32;

[[noreturn]] void refuse_file(std::string const& path, std::string const& why) {
    base::refuse("the key file " + path + " " + why);
}

std::string reason() {
    return ": " + std::system_category().message(errno);
}

/// A line of random hexadecimal digits.
base::wiped_buffer made_key() {
    std::string random(key_size, '\0');
    base::fill_with_random(random);
    base::wiped_buffer line;
    base::append_hexadecimal(line, random);
    line.push_back('\n');
    base::wipe(random.data(), random.size());
    return line;
}

/// Written beside its place and linked to it: nobody sees a part of it, and only one process makes it.
void make_file(std::string const& path) {
    std::string beside = path + ".XXXXXX";
    base::descriptor const file(::mkostemp(beside.data(), O_CLOEXEC)); // with mode 0600
    if (!file.is_open()) refuse_file(path, "cannot be created" + reason());
    auto const line = made_key();
    bool const written =
        base::write_all(file, std::string_view(line.data(), line.size())) && ::fsync(file.get()) == 0;
    bool const linked = written && (::link(beside.c_str(), path.c_str()) == 0 || errno == EEXIST);
    auto const why = linked ? std::string() : reason();
    ::unlink(beside.c_str());
    if (!linked) refuse_file(path, "cannot be created" + why);
}

} // namespace

std::vector<secret> keys_in(std::string const& path, bool make) {
    struct stat found{};
    if (::lstat(path.c_str(), &found) != 0) {
        if (errno != ENOENT || !make) refuse_file(path, "cannot be read" + reason());
        make_file(path);
        if (::lstat(path.c_str(), &found) != 0) refuse_file(path, "cannot be read" + reason());
    }
    if (S_ISLNK(found.st_mode) && ::stat(path.c_str(), &found) != 0)
        refuse_file(path, "cannot be read" + reason());
    if (!S_ISREG(found.st_mode)) refuse_file(path, "is not a regular file");
    if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0 && found.st_uid == ::geteuid())
        refuse_file(path, "may be read by others: chmod 600, and replace the key");
    auto const text = base::read_file(path, largest);
    if (text.problem != nullptr) refuse_file(path, base::problem_of(text));
    std::vector<secret> keys;
    for (auto rest = base::view(text.text); !rest.empty();) {
        auto const line = base::trimmed(rest.substr(0, rest.find('\n')));
        rest.remove_prefix(std::min(
            rest.size(), rest.find('\n') == std::string_view::npos ? rest.size() : rest.find('\n') + 1));
        if (!line.empty()) keys.emplace_back(line);
    }
    if (keys.empty()) refuse_file(path, "is empty: write a key of at least 32 random bytes to it");
    for (auto const& one : keys)
        if (one.size() < key_size)
            refuse_file(path,
                        "has a key of less than 32 bytes: write `head -c 32 /dev/urandom | base64` to it");
    return keys;
}

} // namespace equinix::sts::stores_detail
