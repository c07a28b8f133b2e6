#include "tool/secret_source.hpp"

#include "core/characters.hpp"
#include "core/environment.hpp"
#include "core/failure.hpp"
#include "core/redact.hpp"
#include "core/secret_text.hpp"
#include "net/read_file.hpp"

#include <cerrno>

namespace equinix::sts::tool {
namespace {

bool is_plainly_a_path(std::string_view text) {
    bool const begins_like_one = text.starts_with('/') || text.starts_with("./") || text.starts_with("../");
    return begins_like_one && !core::may_be_a_token(text);
}

} // namespace

secret secret_from_file(std::string const& option, std::string const& path,
                        std::chrono::nanoseconds at_most) {
    auto const file =
        net::read_file(path, core::secret_reading_limit, core::after(core::clock::now(), at_most));
    // What cannot be read may be no path, but the secret itself, put in the wrong place.
    bool const shown = !file.code.failed() || is_plainly_a_path(path);
    auto const fail = [&](std::string const& why) {
        core::refuse(option + ": " + (shown ? "'" + path + "' " : "the file, whose name is not shown, ") +
                     why);
    };
    if (file.problem != nullptr) fail(net::problem_of(file));
    auto const content = core::read_secret(core::view(file.text));
    if (!content.wrong.empty()) fail(std::string(content.wrong));
    return secret(content.value);
}

secret secret_from_environment(std::string const& option, std::string const& name) {
    // Only what looks like a name is repeated: it may be the token itself, put in the wrong place.
    bool const is_name = core::all_of(
        name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
    auto const shown =
        option + ": " + (is_name ? "the variable '" + name + "'" : "the variable of that name");
    auto const value = core::variable(name.c_str());
    if (value.empty()) core::refuse(shown + " is not set or empty");
    auto const content = core::read_secret(value);
    if (!content.wrong.empty()) core::refuse(shown + " " + std::string(content.wrong));
    return secret(content.value);
}

} // namespace equinix::sts::tool
