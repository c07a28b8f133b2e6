// An environment variable for a test.
#pragma once

#include <cstdlib>
#include <string>
#include <utility>

namespace test {

/// An environment variable as long as this lives.
class variable {
public:
    variable(std::string name, std::string const& value) : name_(std::move(name)) { set(value); }
    variable(variable const&) = delete;
    variable& operator=(variable const&) = delete;
    ~variable() { ::unsetenv(name_.c_str()); }

    void set(std::string const& value) { ::setenv(name_.c_str(), value.c_str(), 1); }

private:
    std::string name_;
};

} // namespace test
