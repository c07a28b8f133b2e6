#include "core/usual_head.hpp"

#include "base/characters.hpp"
#include "base/sixteen.hpp"

#include <charconv>
#include <cstdint>
#include <cstring>

namespace equinix::sts::core {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view status_line = "HTTP/1.1 200 ";
constexpr unsigned most_fields = 32;
constexpr std::size_t most_digits = 9;

bool is_printable(std::string_view text) noexcept {
    auto const sixteen_are = [](base::sixteen c) { return base::in_range(c, 0x20, 0x7e); };
    return base::is_run(text, sixteen_are, [](char c) { return c >= ' ' && c <= '~'; });
}

constexpr auto in_names = base::table_of(base::is_token_char);

/// The length of the field's name at the front of a line.
std::size_t name_length(std::string_view line) noexcept {
    std::size_t length = 0;
    while (length < line.size() && in_names[static_cast<unsigned char>(line[length])])
        ++length;
    return length;
}

std::uint64_t load_eight(char const* text) noexcept {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text, sizeof eight);
    return eight;
}

/// Whether a name is this one, of lower-case letters and hyphens, regardless of case. Setting the bit that
/// makes a letter a small one turns no other character of a name into one of these.
bool is(std::string_view name, std::string_view what) noexcept {
    constexpr std::uint64_t small = 0x2020202020202020;
    constexpr auto eight = sizeof(small);
    if (name.size() != what.size()) return false;
    if (name.size() < eight) return base::iequals(name, what);
    std::size_t const last = name.size() - eight;
    for (std::size_t at = 0; at < last; at += eight)
        if ((load_eight(name.data() + at) | small) != load_eight(what.data() + at)) return false;
    return (load_eight(name.data() + last) | small) == load_eight(what.data() + last);
}

std::string_view without_spaces(std::string_view text) noexcept {
    while (text.starts_with(' '))
        text.remove_prefix(1);
    while (text.ends_with(' '))
        text.remove_suffix(1);
    return text;
}

/// Takes a line off the front. False when there is no whole one, or when it has a character that is not
/// printable ASCII.
bool take_line(std::string_view& bytes, std::string_view& line) noexcept {
    auto const end = bytes.find(line_end);
    if (end == std::string_view::npos) return false;
    line = bytes.substr(0, end);
    bytes.remove_prefix(end + line_end.size());
    return is_printable(line);
}

class reader {
public:
    usual_head head;

    /// False for a field that is not usual.
    bool take(std::string_view name, std::string_view value) noexcept {
        // By the length first: most names are of no interest.
        switch (name.size()) {
        case 7:
            return !is(name, "trailer") && !is(name, "upgrade");
        case 10:
            if (is(name, "dpop-nonce")) return keep(head.dpop_nonce, value);
            return !is(name, "connection") || base::iequals(value, "keep-alive");
        case 11:
            return !is(name, "retry-after") || keep(head.retry_after, value);
        case 12:
            return !is(name, "content-type") || keep(head.content_type, value);
        case 14:
            return !is(name, "content-length") || take_length(value);
        case 16:
            if (is(name, "proxy-connection")) return false;
            return !is(name, "content-encoding") || keep(head.content_encoding, value);
        case 17:
            return !is(name, "transfer-encoding");
        default:
            return true;
        }
    }
    bool has_length() const noexcept { return has_length_; }

private:
    static bool keep(std::string_view& where, std::string_view value) noexcept {
        if (!where.empty() || value.empty()) return false; // more than one, or none after all
        where = value;
        return true;
    }
    bool take_length(std::string_view digits) noexcept {
        if (has_length_ || digits.empty() || digits.size() > most_digits || digits.front() == '0')
            return false;
        auto const* const begin = digits.data();
        auto const* const end = begin + digits.size();
        has_length_ = std::from_chars(begin, end, head.content_length).ptr == end;
        return has_length_;
    }

    bool has_length_ = false;
};

} // namespace

std::optional<usual_head> read_usual_head(std::string_view bytes, std::size_t max_head,
                                          std::size_t max_body) noexcept {
    auto left = bytes.substr(0, max_head);
    auto const whole = left.size();
    if (!left.starts_with(status_line)) return std::nullopt;
    std::string_view line;
    if (!take_line(left, line)) return std::nullopt;
    reader fields;
    for (unsigned i = 0; i <= most_fields; ++i) {
        if (!take_line(left, line)) return std::nullopt;
        if (line.empty()) {
            if (!fields.has_length() || fields.head.content_length > max_body) return std::nullopt;
            fields.head.size = whole - left.size();
            return fields.head;
        }
        auto const colon = name_length(line);
        if (colon == 0 || colon == line.size() || line[colon] != ':' ||
            !fields.take(line.substr(0, colon), without_spaces(line.substr(colon + 1))))
            return std::nullopt;
    }
    return std::nullopt;
}

} // namespace equinix::sts::core
