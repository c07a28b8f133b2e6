// Members of a JSON object, read in one pass without building a document. Unknown members are skipped.
#pragma once

#include "base/json_member.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace equinix::sts::base {

/// The members to look for: a class derived from this, with
///
///     json_member* find(std::string_view name, std::size_t level, bool& twice);
///
/// which returns the destination of the value with this name, or null, and sets `twice` if the name makes the
/// text ill-formed. The outermost object is level 1. Override the other functions as needed.
struct json_targets {
    /// Whether the members of this one are looked at, if it is an object: they are one level deeper.
    static bool opens(json_member const*) noexcept { return false; }

    /// Whether an array is looked at, too: the names of its elements are their indexes.
    static constexpr bool opens_arrays() noexcept { return false; }

    /// Whether this one may be an array of strings, which is read as these joined by blanks.
    static bool joins(json_member const*) noexcept { return false; }
};

/// Receives Boost.JSON's events. Looks at the members of the outermost object, and at the content of members
/// that may be objects or arrays.
template <class Targets>
class json_handler {
public:
    json_handler(Targets& targets, std::string_view source) noexcept : targets_(&targets), source_(source) {}

    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    using error_code = boost::system::error_code;

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }

    bool on_object_begin(error_code&) {
        if (depth_ == 0) object_ = true;
        bool const opened = wanted() && targets_->opens(target_);
        begin();
        if (opened) enter(std::nullopt);
        return true;
    }
    bool on_array_begin(error_code&) {
        auto* const joined = wanted() && targets_->joins(target_) ? target_ : nullptr;
        bool const opened = Targets::opens_arrays() && wanted() && targets_->opens(target_);
        begin();
        if (joined != nullptr) list_ = joined;
        if (opened) enter(0);
        return true;
    }
    bool on_object_end(std::size_t, error_code&) {
        end();
        return true;
    }
    bool on_array_end(std::size_t, error_code&) {
        if (depth_ == 2 && list_ != nullptr) end_list();
        end();
        return true;
    }

    bool on_key_part(boost::json::string_view part, std::size_t, error_code&) {
        if (names_matter()) append(key_, part);
        return true;
    }
    bool on_key(boost::json::string_view part, std::size_t, error_code& ec) {
        if (!names_matter()) return true;
        auto const fits = select(whole(key_, part));
        wipe(key_);
        if (!fits) ec = make_error_code(boost::system::errc::invalid_argument);
        return fits;
    }
    bool on_string_part(boost::json::string_view part, std::size_t, error_code&) {
        if (wanted()) append(target_->unfolded, part);
        if (in_list()) join(part);
        return true;
    }
    bool on_string(boost::json::string_view part, std::size_t, error_code&) {
        if (in_list()) {
            join(part);
            in_element_ = false;
        }
        if (!wanted()) {
            end_element();
            return true;
        }
        target_->value = whole(target_->unfolded, part);
        return set(json_member::type::text);
    }
    bool on_number_part(boost::json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t value, boost::json::string_view, error_code&) {
        return number(static_cast<double>(value));
    }
    bool on_uint64(std::uint64_t value, boost::json::string_view, error_code&) {
        return number(static_cast<double>(value));
    }
    bool on_double(double value, boost::json::string_view, error_code&) { return number(value); }
    bool on_bool(bool, error_code&) { return set(json_member::type::other); }
    bool on_null(error_code&) { return set(json_member::type::null); }
    bool on_comment_part(boost::json::string_view, error_code&) { return true; }
    bool on_comment(boost::json::string_view, error_code&) { return true; }

    bool is_object() const { return object_; }

private:
    bool names_matter() const { return depth_ == level_; }
    bool wanted() const { return names_matter() && target_ != nullptr; }
    bool in_list() const { return depth_ == 2 && list_ != nullptr; }

    /// Returns a text whose last part is `last` and whose other parts are in the buffer. A text without
    /// escapes is a single part, and is not copied.
    std::string_view whole(wiped_buffer& parts, std::string_view last) {
        auto const* const end = source_.data() + source_.size();
        if (parts.empty() && !std::less<>()(last.data(), source_.data()) && std::less<>()(last.data(), end))
            return last;
        append(parts, last);
        return view(parts);
    }

    /// Appends a part of a text to the list, with a blank before each text but the first.
    void join(std::string_view part) {
        if (part.empty()) return;
        if (!in_element_ && !list_->unfolded.empty()) list_->unfolded.push_back(' ');
        in_element_ = true;
        append(list_->unfolded, part);
    }

    void end_list() {
        if (only_texts_ && !list_->unfolded.empty()) {
            list_->is = json_member::type::text;
            list_->value = view(list_->unfolded);
        }
        list_ = nullptr;
    }

    void begin() {
        put(json_member::type::other);
        ++depth_;
    }
    void end() {
        if (level_ > 1 && names_matter()) leave();
        --depth_;
        end_element();
    }

    /// Looks at the object or array that has just begun.
    void enter(std::optional<std::size_t> first_index) {
        ++level_;
        if constexpr (Targets::opens_arrays()) {
            indexes_.push_back(first_index);
            if (first_index) select(std::to_string(*first_index));
        }
    }
    void leave() {
        --level_;
        target_ = nullptr;
        if constexpr (Targets::opens_arrays()) indexes_.pop_back();
    }

    /// A value has ended. In an array that is looked at, chooses the destination of the next one.
    void end_element() {
        if constexpr (Targets::opens_arrays())
            if (names_matter() && !indexes_.empty() && indexes_.back())
                select(std::to_string(++*indexes_.back()));
    }
    bool number(double value) {
        if (wanted()) target_->number = value;
        return set(json_member::type::number);
    }
    /// For a value that is not a text; for a text, its end.
    bool set(json_member::type type) {
        put(type);
        end_element();
        return true;
    }
    void put(json_member::type type) {
        if (in_list()) only_texts_ = false;
        if (!wanted()) return;
        target_->is = type;
        target_ = nullptr;
    }

    /// Chooses the destination of the next value. Returns false when the name occurs twice.
    bool select(std::string_view name) {
        bool twice = false;
        target_ = targets_->find(name, level_, twice);
        return !twice;
    }

    Targets* targets_;
    std::string_view source_;
    json_member* target_ = nullptr;
    json_member* list_ = nullptr; ///< the member whose array is being read
    wiped_buffer key_;
    std::size_t depth_ = 0;
    std::size_t level_ = 1; ///< the depth at which names are looked at
    /// One for each level but the first: where in an array the value is; nothing in an object.
    [[no_unique_address]] std::conditional_t<Targets::opens_arrays(), std::vector<std::optional<std::size_t>>,
                                             std::monostate> indexes_;
    bool object_ = false;
    bool in_element_ = false;
    bool only_texts_ = true;
};

/// Returns false when the text is not exactly one object, nests deeper than 32, or names a member twice. What
/// is found must not outlive the text.
template <class Targets>
[[gnu::noinline]] bool parse_object(std::string_view text, Targets& targets) {
    boost::json::basic_parser<json_handler<Targets>> parser{boost::json::parse_options(), targets, text};
    boost::system::error_code ec;
    auto const used = parser.write_some(false, text.data(), text.size(), ec);
    return !ec && used == text.size() && parser.done() && parser.handler().is_object();
}

/// As above, and leaves nothing of the text on the stack.
template <class Targets>
bool read_object(std::string_view text, Targets& targets) {
    auto const read = parse_object(text, targets);
    // Boost.JSON decodes a string with escapes in a buffer on the stack.
    if (text.find('\\') != std::string_view::npos) wipe_stack_below();
    return read;
}

} // namespace equinix::sts::base
