#include "core/json_members.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <array>
#include <functional>
#include <utility>

namespace equinix::sts::core {
namespace {

namespace json = boost::json;
using boost::system::error_code;

struct known_name {
    std::string_view name;
    json_member json_members::* member;
    bool standard;
};

constexpr std::array known_names = {
    known_name{"access_token", &json_members::access_token, true},
    known_name{"token_type", &json_members::token_type, true},
    known_name{"issued_token_type", &json_members::issued_token_type, true},
    known_name{"expires_in", &json_members::expires_in, true},
    known_name{"scope", &json_members::scope, true},
    known_name{"error", &json_members::error, true},
    known_name{"error_description", &json_members::error_description, true},
    known_name{"error_uri", &json_members::error_uri, true},
    known_name{"accessToken", &json_members::access_token, false},
    known_name{"tokenType", &json_members::token_type, false},
    known_name{"issuedTokenType", &json_members::issued_token_type, false},
    known_name{"expiresIn", &json_members::expires_in, false},
    known_name{"errorDescription", &json_members::error_description, false},
    known_name{"errorUri", &json_members::error_uri, false},
};

/// Within an `error` that is an object.
constexpr std::array names_in_error = {
    known_name{"errorCode", &json_members::error_code, true},
    known_name{"errorMessage", &json_members::error_message, true},
    known_name{"message", &json_members::message, true},
    known_name{"details", &json_members::details, true},
};

/// Where a member goes, told by its name. `twice` is set when it has been there already.
class token_response {
public:
    json_member* find(std::string_view name, bool& twice) { return find(known_names, seen_, name, twice); }
    json_member* find_within(std::string_view name, bool& twice) {
        return find(names_in_error, seen_within_, name, twice);
    }

    /// Whose members are looked at, when it is an object.
    bool opens(json_member const* member) const noexcept { return member == &found.error; }

    /// What may be an array of strings.
    bool joins(json_member const* member) const noexcept { return member == &found.scope; }

    json_members found;

private:
    template <class Names, class Seen>
    json_member* find(Names const& names, Seen& seen, std::string_view name, bool& twice) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            auto const& known = names[i];
            if (known.name != name) continue;
            twice = std::exchange(seen[i], true);
            auto& member = found.*known.member;
            if (!known.standard && member.is != json_member::type::absent) return nullptr;
            return &(member = json_member());
        }
        return nullptr;
    }

    std::array<bool, known_names.size()> seen_{};
    std::array<bool, names_in_error.size()> seen_within_{};
};

class one_member {
public:
    explicit one_member(std::string_view name) : name_(name) {}

    json_member* find(std::string_view name, bool& twice) {
        if (name != name_) return nullptr;
        twice = std::exchange(seen_, true);
        return &found;
    }
    static json_member* find_within(std::string_view, bool&) { return nullptr; }
    static bool opens(json_member const*) noexcept { return false; }
    static bool joins(json_member const*) noexcept { return false; }

    json_member found;

private:
    std::string_view name_;
    bool seen_ = false;
};

/// Receives Boost.JSON's events. What stands directly in the outermost object is looked at, and what stands
/// in the object or the array of a member that may be one.
template <class Members>
class handler {
public:
    template <class... Args>
    explicit handler(std::string_view source, Args... args) : members_(args...), source_(source) {}

    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }

    bool on_object_begin(error_code&) {
        if (depth_ == 0) object_ = true;
        bool const opened = depth_ == 1 && target_ != nullptr && members_.opens(target_);
        begin();
        opened_ = opened_ || opened;
        return true;
    }
    bool on_array_begin(error_code&) {
        auto* const joined = depth_ == 1 && target_ != nullptr && members_.joins(target_) ? target_ : nullptr;
        begin();
        if (joined != nullptr) list_ = joined;
        return true;
    }
    bool on_object_end(std::size_t, error_code&) {
        if (depth_ == 2) opened_ = false;
        --depth_;
        return true;
    }
    bool on_array_end(std::size_t, error_code&) {
        if (depth_ == 2 && list_ != nullptr) end_list();
        --depth_;
        return true;
    }

    bool on_key_part(json::string_view part, std::size_t, error_code&) {
        if (names_matter()) base::append(key_, part);
        return true;
    }
    bool on_key(json::string_view part, std::size_t, error_code& ec) {
        if (!names_matter()) return true;
        auto const fits = select(whole(key_, part));
        base::clear(key_);
        if (!fits) ec = make_error_code(boost::system::errc::invalid_argument);
        return fits;
    }
    bool on_string_part(json::string_view part, std::size_t, error_code&) {
        if (wanted()) base::append(target_->unfolded, part);
        if (in_list()) join(part);
        return true;
    }
    bool on_string(json::string_view part, std::size_t, error_code&) {
        if (in_list()) {
            join(part);
            in_element_ = false;
        }
        if (!wanted()) return true;
        target_->value = whole(target_->unfolded, part);
        return set(json_member::type::text);
    }
    bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t value, json::string_view, error_code&) {
        return number(static_cast<double>(value));
    }
    bool on_uint64(std::uint64_t value, json::string_view, error_code&) {
        return number(static_cast<double>(value));
    }
    bool on_double(double value, json::string_view, error_code&) { return number(value); }
    bool on_bool(bool, error_code&) { return set(json_member::type::other); }
    bool on_null(error_code&) { return set(json_member::type::null); }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }

    bool is_object() const { return object_; }
    auto take() { return std::move(members_.found); }

private:
    bool names_matter() const { return depth_ == 1 || (depth_ == 2 && opened_); }
    bool wanted() const { return names_matter() && target_ != nullptr; }
    bool in_list() const { return depth_ == 2 && list_ != nullptr; }

    /// A text of which this is the last part, and the others are in the buffer. What has no escapes is one
    /// part, and stays where it is.
    std::string_view whole(base::wiped_buffer& parts, std::string_view last) {
        auto const* const end = source_.data() + source_.size();
        if (parts.empty() && !std::less<>()(last.data(), source_.data()) && std::less<>()(last.data(), end))
            return last;
        base::append(parts, last);
        return base::view(parts);
    }

    /// A part of a text in the list, with a blank before each text but the first.
    void join(std::string_view part) {
        if (part.empty()) return;
        if (!in_element_ && !list_->unfolded.empty()) list_->unfolded.push_back(' ');
        in_element_ = true;
        base::append(list_->unfolded, part);
    }

    void end_list() {
        if (only_texts_ && !list_->unfolded.empty()) {
            list_->is = json_member::type::text;
            list_->value = base::view(list_->unfolded);
        }
        list_ = nullptr;
    }

    void begin() {
        set(json_member::type::other);
        ++depth_;
    }
    bool number(double value) {
        if (wanted()) target_->number = value;
        return set(json_member::type::number);
    }
    /// Of a value that is no text: of a text it is the end.
    bool set(json_member::type type) {
        if (in_list()) only_texts_ = false;
        if (wanted()) {
            target_->is = type;
            target_ = nullptr;
        }
        return true;
    }

    /// Chooses where the next value goes. False when the name stands twice.
    bool select(std::string_view name) {
        bool twice = false;
        target_ = depth_ == 1 ? members_.find(name, twice) : members_.find_within(name, twice);
        return !twice;
    }

    Members members_;
    std::string_view source_;
    json_member* target_ = nullptr;
    json_member* list_ = nullptr; ///< the member whose array is being read
    base::wiped_buffer key_;
    std::size_t depth_ = 0;
    bool object_ = false;
    bool opened_ = false; ///< in the object of a member whose own members are looked at
    bool in_element_ = false;
    bool only_texts_ = true;
};

template <class Members, class... Args>
[[gnu::noinline]] auto parse(std::string_view text, Args... args) -> std::optional<decltype(Members::found)> {
    json::basic_parser<handler<Members>> parser{json::parse_options(), text, args...};
    error_code ec;
    auto const used = parser.write_some(false, text.data(), text.size(), ec);
    if (ec || used != text.size() || !parser.done() || !parser.handler().is_object()) return std::nullopt;
    return parser.handler().take();
}

template <class Members, class... Args>
auto read(std::string_view text, Args... args) {
    auto found = parse<Members>(text, args...);
    // Boost.JSON unfolds a string with escapes in a buffer on the stack.
    if (text.find('\\') != std::string_view::npos) base::wipe_stack_below();
    return found;
}

} // namespace

std::optional<json_members> read_members(std::string_view text) {
    return read<token_response>(text);
}

std::optional<json_member> read_member(std::string_view text, std::string_view name) {
    return read<one_member>(text, name);
}

} // namespace equinix::sts::core
