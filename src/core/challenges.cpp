#include "core/challenges.hpp"

#include "base/characters.hpp"
#include "base/redact.hpp"

#include <algorithm>

namespace equinix::sts::core {
namespace {

constexpr std::size_t most_challenges = 8;

constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t';
}

constexpr bool is_token68_char(char c) noexcept {
    return base::is_alphanumeric(c) || std::string_view("-._~+/").find(c) != std::string_view::npos;
}

/// The unread part of a field's value.
class remainder {
public:
    explicit remainder(std::string_view text) : text_(text) {}

    template <class Predicate>
    std::string_view take(Predicate wanted) {
        auto const end = std::find_if_not(text_.begin(), text_.end(), wanted);
        auto const taken = text_.substr(0, static_cast<std::size_t>(end - text_.begin()));
        text_.remove_prefix(taken.size());
        return taken;
    }
    bool take_one(char wanted) {
        if (!text_.starts_with(wanted)) return false;
        text_.remove_prefix(1);
        return true;
    }

    /// A token or a quoted string; if its end is missing, what there is.
    std::string take_value() {
        if (!take_one('"')) return std::string(take(base::is_token_char));
        std::string value;
        for (; !text_.empty() && !take_one('"'); text_.remove_prefix(1)) {
            if (take_one('\\') && text_.empty()) break;
            value += text_.front();
        }
        return value;
    }

    /// Credentials that follow a scheme by themselves, instead of parameters.
    void pass_token68() {
        auto ahead = *this;
        auto const bare = ahead.take(is_token68_char);
        ahead.take([](char c) { return c == '='; });
        ahead.take(is_blank);
        if (!bare.empty() && (ahead.text_.empty() || ahead.text_.starts_with(','))) *this = ahead;
    }

private:
    std::string_view text_;
};

void read_line(std::string_view line, std::vector<challenge>& into) {
    auto const first = into.size();
    for (remainder rest(line); into.size() < most_challenges;) {
        rest.take([](char c) { return is_blank(c) || c == ','; });
        auto const word = rest.take(base::is_token_char);
        if (word.empty()) return; // the end, or unreadable
        rest.take(is_blank);
        if (!rest.take_one('=')) {
            into.push_back({word});
            rest.pass_token68();
            continue;
        }
        rest.take(is_blank);
        auto value = rest.take_value();
        if (into.size() == first) return; // a parameter without a challenge
        if (base::iequals(word, "realm") && !into.back().realm)
            into.back().realm = std::move(value);
        else if (base::iequals(word, "error") && !into.back().error)
            into.back().error = std::move(value);
    }
}

} // namespace

std::vector<challenge> read_challenges(std::string_view lines) {
    std::vector<challenge> all;
    while (!lines.empty()) {
        auto const line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        read_line(line, all);
    }
    return all;
}

bool has_error(std::string_view lines, std::string_view scheme, std::string_view error) {
    auto const all = read_challenges(lines);
    return std::any_of(all.begin(), all.end(), [&](challenge const& one) {
        return base::iequals(one.scheme, scheme) && one.error == error;
    });
}

std::string wanted_credentials(std::string_view proxy_authenticate, bool credentials_given,
                               std::span<std::string_view const> secrets) {
    constexpr std::size_t longest_scheme = 32, longest_realm = 64;
    std::string wanted;
    bool basic = false;
    for (auto const& [scheme, realm, error] : read_challenges(proxy_authenticate)) {
        basic = basic || base::iequals(scheme, "Basic");
        wanted += (wanted.empty() ? "" : "; ") + base::printable(scheme, secrets, longest_scheme);
        if (realm) wanted += ", realm \"" + base::printable(*realm, secrets, longest_realm) + '"';
    }
    std::string text = credentials_given ? "the proxy refused the credentials that were sent"
                                         : "the proxy requires credentials";
    if (!wanted.empty()) text += (credentials_given ? " (it accepts " : " (") + wanted + ")";
    if (!wanted.empty() && !basic)
        return text + ", none of which this client supports: it supports only Basic";
    return text + (credentials_given ? ": correct them" : ": set user and password in its URL");
}

} // namespace equinix::sts::core
