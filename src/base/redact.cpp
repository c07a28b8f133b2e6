#include "base/redact.hpp"

#include "base/characters.hpp"
#include "base/wiped.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace equinix::sts::base {
namespace {

constexpr std::size_t shortest_echo = 8;

/// As many bytes as the shortest echo has, in one number.
using piece = std::uint64_t;
static_assert(sizeof(piece) == shortest_echo);

piece piece_at(std::string_view text, std::size_t at) noexcept {
    piece made = 0;
    std::memcpy(&made, text.data() + at, sizeof made);
    return made;
}

/// Which characters of a text belong to an echo of a secret. Takes time proportional to the sum of the
/// lengths, not to their product: text and secret may be crafted for each other.
class echoes {
public:
    explicit echoes(std::string_view text) : text_(text), marked_(text.size(), false) {
        for (std::size_t at = 0; at + shortest_echo <= text.size(); ++at)
            pieces_.push_back(piece_at(text, at));
        std::sort(pieces_.begin(), pieces_.end());
        pieces_.erase(std::unique(pieces_.begin(), pieces_.end()), pieces_.end());
        found_.resize(pieces_.size(), false);
    }

    void look_for(std::string_view secret) {
        if (secret.size() < shortest_echo) return look_for_whole(secret);
        for (std::size_t at = 0; at + shortest_echo <= secret.size(); ++at) {
            auto const wanted = piece_at(secret, at);
            auto const place = std::lower_bound(pieces_.begin(), pieces_.end(), wanted);
            if (place != pieces_.end() && *place == wanted)
                found_[static_cast<std::size_t>(place - pieces_.begin())] = true;
        }
    }

    std::vector<bool> const& marked() {
        for (std::size_t at = 0; at + shortest_echo <= text_.size(); ++at) {
            auto const place = std::lower_bound(pieces_.begin(), pieces_.end(), piece_at(text_, at));
            if (found_[static_cast<std::size_t>(place - pieces_.begin())]) mark(at, shortest_echo);
        }
        return marked_;
    }

private:
    /// A secret shorter than the shortest echo counts only as a whole.
    void look_for_whole(std::string_view secret) {
        if (secret.empty()) return;
        for (auto at = text_.find(secret); at != std::string_view::npos; at = text_.find(secret, at + 1))
            mark(at, secret.size());
    }

    void mark(std::size_t at, std::size_t size) {
        std::fill_n(marked_.begin() + static_cast<std::ptrdiff_t>(at), size, true);
    }

    std::string_view text_;
    std::vector<piece, wiping_allocator<piece>> pieces_; // of the text, in order, each once
    std::vector<bool> found_;                            // in a secret
    std::vector<bool> marked_;
};

} // namespace

std::string printable(std::string_view text, std::span<std::string_view const> secrets, std::size_t limit) {
    constexpr char hex[] = "0123456789abcdef";
    // An echo may be longer than its replacement; nothing is read beyond this.
    auto const read = text.substr(0, 8 * limit + shortest_echo);
    echoes of(read);
    for (auto const secret : secrets)
        of.look_for(secret);
    auto const& echoed = of.marked();
    // If the text continues, an echo may begin in the last characters that are read here.
    auto const end = read.size() - (read.size() < text.size() ? shortest_echo : 0);
    std::string out;
    std::size_t at = 0;
    for (; at < end && out.size() < limit; ++at) {
        if (echoed[at]) {
            if (at == 0 || !echoed[at - 1]) out += "[redacted]";
            continue;
        }
        auto const c = read[at];
        if (is_error_char(c)) {
            out += c;
        } else {
            auto const byte = static_cast<unsigned char>(c);
            out += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
        }
    }
    if (at < text.size()) out.replace(std::min(out.size(), limit), std::string::npos, "...");
    return out;
}

std::string quoted_path(std::string_view path) {
    constexpr std::size_t longest = 1024;
    bool const is_text = path.find('\n') != std::string_view::npos ||
                         path.find("-----") != std::string_view::npos ||
                         path.find("eyJ") != std::string_view::npos || path.size() > longest;
    if (is_text)
        return "(not shown: it looks like the text of a key or a token, not like the path of a file)";
    return "'" + std::string(path) + "'";
}

} // namespace equinix::sts::base
