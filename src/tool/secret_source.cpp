#include "tool/secret_source.hpp"

#include "core/characters.hpp"
#include "core/failure.hpp"
#include "core/redact.hpp"
#include "core/wiped.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace equinix::sts::tool {
namespace {

constexpr std::size_t largest = std::size_t(64) * 1024;

class descriptor {
public:
    explicit descriptor(std::string const& path) : value_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    descriptor(descriptor const&) = delete;
    descriptor& operator=(descriptor const&) = delete;
    ~descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    int get() const { return value_; }

private:
    int value_;
};

bool is_plainly_a_path(std::string_view text) {
    bool const begins_like_one = text.starts_with('/') || text.starts_with("./") || text.starts_with("../");
    return begins_like_one && !core::may_be_a_token(text);
}

} // namespace

secret secret_from_file(std::string const& option, std::string const& path) {
    bool shown = true;
    auto const fail = [&](std::string const& why) {
        core::refuse(option + ": " + (shown ? "'" + path + "' " : "the file, whose name is not shown, ") +
                     why);
    };
    descriptor const file(path);
    // What cannot be opened may be no path, but the secret itself, put in the wrong place.
    if (file.get() < 0) shown = is_plainly_a_path(path);
    // Not through a stream: its buffer would keep a copy.
    core::wiped_buffer content(largest + 2);
    std::size_t size = 0;
    while (size < content.size()) {
        auto const got =
            file.get() < 0 ? -1 : ::read(file.get(), content.data() + size, content.size() - size);
        if (got == 0) break;
        if (got > 0)
            size += static_cast<std::size_t>(got);
        else if (errno != EINTR)
            fail("cannot be read: " + std::string(std::strerror(errno))); // NOLINT
    }
    auto text = core::view(content).substr(0, size);
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty()) fail("is empty");
    if (text.size() > largest) fail("is larger than 64 KiB");
    return secret(text);
}

secret secret_from_environment(std::string const& option, std::string const& name) {
    auto const* const value = std::getenv(name.c_str()); // NOLINT(concurrency-mt-unsafe): one thread
    if (value == nullptr || *value == '\0') {
        // Only what looks like a name is repeated: it may be the token itself, put in the wrong place.
        bool const is_name = core::all_of(
            name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
        core::refuse(option + ": " + (is_name ? "the variable '" + name + "'" : "the variable of that name") +
                     " is not set or empty");
    }
    return secret(value);
}

} // namespace equinix::sts::tool
