// What the system takes to run a program: its arguments and its variables.
#pragma once

#include "base/wiped.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::base {

class program_call {
public:
    /// The program gets `variables`, each `NAME=value`, and those of this process with other names. `words`
    /// is not empty and must outlive the call.
    program_call(std::vector<std::string> const& words, std::vector<std::string_view> const& variables);
    program_call(program_call const&) = delete;
    program_call& operator=(program_call const&) = delete;

    char const* file() const noexcept { return words_.front(); }
    char* const* words() const noexcept { return words_.data(); }
    char* const* environment() const noexcept { return environment_.data(); }

private:
    bool is_replaced(std::string_view variable) const noexcept;

    std::vector<char*> words_, environment_;
    std::vector<wiped_buffer> own_; ///< the given variables, which may be secrets
};

} // namespace equinix::sts::base
