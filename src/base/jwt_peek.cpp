#include "base/jwt_peek.hpp"

#include "base/base64.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace equinix::sts::base {
namespace {

namespace json = boost::json;
using boost::system::error_code;
using std::chrono::system_clock;

constexpr double latest = 7258118400.0; // the year 2200: within what a time point in nanoseconds can hold

/// Receives Boost.JSON's events; of the outermost object's members it keeps two numbers.
class times_reader {
public:
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return begin(depth_ == 0); }
    bool on_array_begin(error_code&) { return begin(false); }
    bool on_object_end(std::size_t, error_code&) { return end(); }
    bool on_array_end(std::size_t, error_code&) { return end(); }
    bool on_key_part(json::string_view, std::size_t, error_code&) {
        split_key_ = true;
        return true;
    }
    bool on_key(json::string_view key, std::size_t, error_code&) {
        target_ = nullptr;
        if (depth_ == 1 && !split_key_ && key == "exp") target_ = &times.expires;
        if (depth_ == 1 && !split_key_ && key == "iat") target_ = &times.issued;
        split_key_ = false;
        if (target_ != nullptr) target_->reset(); // the last of a name counts
        return true;
    }
    bool on_string_part(json::string_view, std::size_t, error_code&) { return true; }
    bool on_string(json::string_view, std::size_t, error_code&) { return other(); }
    bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t value, json::string_view, error_code&) {
        return number(static_cast<double>(value));
    }
    bool on_uint64(std::uint64_t value, json::string_view, error_code&) {
        return number(static_cast<double>(value));
    }
    bool on_double(double value, json::string_view, error_code&) { return number(value); }
    bool on_bool(bool, error_code&) { return other(); }
    bool on_null(error_code&) { return other(); }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }

    jwt_times times;
    bool is_object = false;

private:
    bool begin(bool outermost) {
        if (outermost) is_object = true;
        ++depth_;
        return other();
    }
    bool end() {
        --depth_;
        return true;
    }
    bool other() {
        target_ = nullptr;
        return true;
    }
    bool number(double value) {
        // Clamped before the cast: a double beyond the range of an integer has no defined value there.
        if (target_ != nullptr && std::isfinite(value))
            *target_ = system_clock::time_point(
                std::chrono::seconds(static_cast<std::int64_t>(std::clamp(value, 0.0, latest))));
        return other();
    }

    std::optional<system_clock::time_point>* target_ = nullptr;
    std::size_t depth_ = 0;
    bool split_key_ = false;
};

} // namespace

jwt_times peek_jwt(std::string_view token) {
    auto const first = token.find('.');
    auto const second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return {};
    auto const payload = base64url_decode(token.substr(first + 1, second - first - 1));
    if (!payload) return {};
    json::basic_parser<times_reader> parser{json::parse_options()};
    error_code ec;
    auto const used = parser.write_some(false, payload->data(), payload->size(), ec);
    auto const& read = parser.handler();
    if (ec || used != payload->size() || !parser.done() || !read.is_object) return {};
    return read.times;
}

} // namespace equinix::sts::base
