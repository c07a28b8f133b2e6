// Running a command as a test does.
#pragma once

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace test {

struct ran {
    int exit_code = -1;
    std::string output;
};

/// Runs a shell command; what it prints on stdout.
inline ran shell(std::string const& command) {
    auto* const pipe = ::popen(command.c_str(), "r"); // NOLINT(cert-env33-c): the test's own command
    BOOST_REQUIRE(pipe != nullptr);
    ran result;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
        result.output += static_cast<char>(c);
    auto const status = ::pclose(pipe);
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

/// A folder that goes with the test.
class folder {
public:
    folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "equinix-sts-test-XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    folder(folder const&) = delete;
    folder& operator=(folder const&) = delete;
    ~folder() { std::filesystem::remove_all(path_); }

    std::filesystem::path const& path() const { return path_; }

    std::string file(std::string const& name, std::string const& content) const {
        std::ofstream(path_ / name, std::ios::binary) << content;
        return (path_ / name).string();
    }

private:
    std::filesystem::path path_;
};

} // namespace test
