// This program's `open`, so that a test can see files being opened, and hold one as a dead disk does.
#pragma once

#include <cstddef>
#include <string>

namespace test {

/// Watches a path. Whoever opens it waits while it is held.
class watched_file {
public:
    explicit watched_file(std::string const& path);
    watched_file(watched_file const&) = delete;
    watched_file& operator=(watched_file const&) = delete;
    ~watched_file(); ///< lets it go

    void hold();
    void let_go();

    /// How often somebody has begun to open it.
    std::size_t begun() const;
};

} // namespace test
