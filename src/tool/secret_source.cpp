#include "tool/secret_source.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/read_file.hpp"
#include "base/redact.hpp"
#include "base/secret_text.hpp"
#include "base/variable.hpp"

#include <cerrno>

namespace equinix::sts::tool {
namespace {

bool is_plainly_a_path(std::string_view text) {
    bool const begins_like_one = text.starts_with('/') || text.starts_with("./") || text.starts_with("../");
    return begins_like_one && !base::may_be_a_token(text);
}

} // namespace

secret secret_from_file(std::string const& option, std::string const& path,
                        std::chrono::nanoseconds at_most) {
    auto const file =
        base::read_file(path, base::secret_reading_limit, base::after(base::clock::now(), at_most));
    // What cannot be read may not be a path, but the secret itself in the wrong place.
    bool const shown = !file.code.failed() || is_plainly_a_path(path);
    auto const fail = [&](std::string const& why) {
        base::refuse(
            option,
            ": " +
                (shown ? "'" + path + "' "
                       : "the file, whose name is not shown because it may be the secret itself (write "
                         "./NAME), ") +
                why);
    };
    if (file.problem != nullptr) fail(base::problem_of(file));
    auto const content = base::read_secret(base::view(file.text));
    if (!content.wrong.empty()) fail(std::string(content.wrong));
    return secret(content.value);
}

secret secret_from_environment(std::string const& option, std::string const& name) {
    // Only what looks like a name is repeated: it may be the token itself in the wrong place.
    bool const is_name = base::all_of(
        name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
    auto const shown = ": " + (is_name ? "the variable '" + name + "'" : "the variable of that name");
    auto const value = base::variable(name.c_str());
    if (value.empty()) base::refuse(option, shown + " is unset or empty");
    auto const content = base::read_secret(value);
    if (!content.wrong.empty()) base::refuse(option, shown + " " + std::string(content.wrong));
    return secret(content.value);
}

} // namespace equinix::sts::tool
