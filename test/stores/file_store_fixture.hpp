// The token store in a directory, and its files.
#pragma once

#include "support/checked_store.hpp"
#include "support/process.hpp"

#include <equinix/sts/file_store.hpp>
#include <equinix/sts/token_store.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

namespace test {

/// A store in a directory of its own.
struct file_store_fixture {
    using text = std::optional<std::string>;

    folder in;
    std::string const path = (in.path() / "tokens").string();
    std::shared_ptr<sts::token_store> const store = sts::file_store(path);
    sts::store_bounds const within;

    bool swap(text const& expected, text const& desired,
              std::chrono::milliseconds life = std::chrono::hours(1)) {
        return performed(store->swap("name", expected, desired, life, within)).value();
    }
    text look() { return performed(store->look("name", within)).value().bytes; }
    std::string file(std::string const& name) const { return path + "/" + name; }
    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(path), std::filesystem::directory_iterator()));
    }
    static mode_t mode_of(std::string const& file) {
        struct stat found{};
        BOOST_REQUIRE(::lstat(file.c_str(), &found) == 0);
        return found.st_mode & 07777U;
    }
    static std::string content_of(std::string const& file) {
        std::ifstream from(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(from), {}};
    }
};

} // namespace test
