#include "base/form.hpp"

#include "base/characters.hpp"
#include "base/sixteen.hpp"

namespace equinix::sts::base {
namespace {

constexpr auto bare =
    table_of([](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~'; });

/// The length of the prefix that needs no encoding.
std::size_t bare_run(std::string_view text) noexcept {
    auto const sixteen_are = [](sixteen c) {
        return in_range(c | 0x20, 'a', 'z') | in_range(c, '0', '9') | in_range(c, '-', '.') | (c == '_') |
               (c == '~');
    };
    return run_of(text, sixteen_are, [](char c) { return bare[static_cast<unsigned char>(c)]; });
}

} // namespace

void form_encode(wiped_buffer& out, std::string_view text) {
    constexpr char hex[] = "0123456789ABCDEF";
    while (!text.empty()) {
        auto const run = bare_run(text);
        append(out, text.substr(0, run));
        if (run == text.size()) return;
        auto const c = static_cast<unsigned char>(text[run]);
        if (c == ' ') {
            out.push_back('+');
        } else {
            out.push_back('%');
            out.push_back(hex[c >> 4]);
            out.push_back(hex[c & 15]);
        }
        text.remove_prefix(run + 1);
    }
}

} // namespace equinix::sts::base
