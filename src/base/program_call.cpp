#include "base/program_call.hpp"

#include <boost/assert.hpp>

#include <unistd.h>

#include <algorithm>

namespace equinix::sts::base {

program_call::program_call(std::vector<std::string> const& words,
                           std::vector<std::string_view> const& variables) {
    BOOST_ASSERT(!words.empty());
    for (auto const& word : words)
        words_.push_back(
            const_cast<char*>(word.c_str())); // NOLINT: POSIX takes it non-const but does not modify it
    words_.push_back(nullptr);
    for (auto const variable : variables) {
        auto& text = own_.emplace_back();
        append(text, variable);
        text.push_back('\0');
    }
    for (char** one = environ; one != nullptr && *one != nullptr; ++one)
        if (!is_replaced(*one)) environment_.push_back(*one);
    for (auto& text : own_)
        environment_.push_back(text.data());
    environment_.push_back(nullptr);
}

bool program_call::is_replaced(std::string_view variable) const noexcept {
    auto const name = variable.substr(0, variable.find('=') + 1);
    return !name.empty() && std::any_of(own_.begin(), own_.end(),
                                        [&](wiped_buffer const& own) { return view(own).starts_with(name); });
}

} // namespace equinix::sts::base
