#include "core/redact.hpp"

#include "core/characters.hpp"

#include <algorithm>

namespace equinix::sts::core {
namespace {

constexpr std::size_t shortest_echo = 8;

/// How much of the text's front is a piece of a secret. A secret shorter than an echo counts when it is
/// whole.
std::size_t echo_length(std::string_view text, std::string_view secret) {
    auto const least = std::min(shortest_echo, secret.size());
    if (least == 0 || text.size() < least) return 0;
    std::size_t longest = 0;
    for (auto at = secret.find(text.substr(0, least)); at != std::string_view::npos;
         at = secret.find(text.substr(0, least), at + 1)) {
        auto const rest = secret.substr(at);
        auto const end = std::mismatch(text.begin(), text.end(), rest.begin(), rest.end()).first;
        longest = std::max(longest, static_cast<std::size_t>(end - text.begin()));
    }
    return longest;
}

} // namespace

std::string printable(std::string_view text, std::span<std::string_view const> secrets, std::size_t limit) {
    constexpr char hex[] = "0123456789abcdef";
    std::string out;
    while (!text.empty() && out.size() < limit) {
        std::size_t echoed = 0;
        for (auto const secret : secrets)
            echoed = std::max(echoed, echo_length(text, secret));
        if (echoed != 0) {
            out += "[redacted]";
            text.remove_prefix(echoed);
            continue;
        }
        auto const c = text.front();
        if (is_error_char(c)) {
            out += c;
        } else {
            auto const byte = static_cast<unsigned char>(c);
            out += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
        }
        text.remove_prefix(1);
    }
    if (!text.empty()) out.replace(std::min(out.size(), limit), std::string::npos, "...");
    return out;
}

} // namespace equinix::sts::core
