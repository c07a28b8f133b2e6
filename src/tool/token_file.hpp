// A file in memory with the current token.
#pragma once

#include "base/descriptor.hpp"

#include <equinix/sts/secret.hpp>

#include <string>

namespace equinix::sts::tool {

/// Only this user can read the file. It never contains half of a token. It is on no disk, and is removed by
/// the destructor; what a process left that was killed is removed by the next.
class token_file {
public:
    /// Makes the folder, without the file, in `XDG_RUNTIME_DIR` or `/dev/shm`. Throws `sts::error`.
    token_file();
    token_file(token_file const&) = delete;
    token_file& operator=(token_file const&) = delete;
    ~token_file() { remove(); }

    std::string const& path() const noexcept { return path_; }

    /// Removes the file and its folder.
    void remove() noexcept;

    /// Replaces the content, and makes the folder again if somebody has removed it. Throws `sts::error`; then
    /// the old content is there.
    void write(secret const& token);

private:
    std::string folder_, path_;
    base::descriptor lock_; ///< on the folder, while this process lives: it is in use
};

} // namespace equinix::sts::tool
