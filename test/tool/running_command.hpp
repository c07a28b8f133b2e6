// The command sts-token, running beside the test.
#pragma once

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace test {

/// The command, running.
class running {
public:
    running(std::vector<std::string> arguments, std::string const& output) {
        child_ = ::fork();
        if (child_ == 0) {
            auto const file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
            ::dup2(file, 1);
            ::dup2(file, 2);
            std::vector<char*> words{const_cast<char*>(STS_TOKEN)}; // NOLINT: execv's type
            for (auto& one : arguments)
                words.push_back(one.data());
            words.push_back(nullptr);
            ::execv(STS_TOKEN, words.data());
            ::_exit(127);
        }
    }
    running(running const&) = delete;
    running& operator=(running const&) = delete;
    ~running() {
        if (child_ > 0) {
            ::kill(child_, SIGKILL);
            wait();
        }
    }

    void signal(int which) const { ::kill(child_, which); }
    ::pid_t id() const { return child_; }

    /// The status as `waitpid` has it.
    int wait() {
        int status = 0;
        ::waitpid(child_, &status, 0);
        child_ = -1;
        return status;
    }

private:
    ::pid_t child_ = -1;
};

/// What a file contains.
inline std::string content(std::string const& path) {
    std::ostringstream all;
    all << std::ifstream(path, std::ios::binary).rdbuf();
    return all.str();
}

} // namespace test
