// An environment variable for a test.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace test {

/// An environment variable as long as this lives; then it is what it was before.
class variable {
public:
    variable(std::string name, std::string const& value) : name_(std::move(name)) {
        if (auto const* const before = std::getenv(name_.c_str())) before_ = before;
        set(value);
    }
    variable(variable const&) = delete;
    variable& operator=(variable const&) = delete;
    ~variable() {
        if (before_)
            set(*before_);
        else
            ::unsetenv(name_.c_str());
    }

    void set(std::string const& value) { ::setenv(name_.c_str(), value.c_str(), 1); }

private:
    std::string name_;
    std::optional<std::string> before_;
};

} // namespace test
