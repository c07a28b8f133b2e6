#include "testing/form_fields.hpp"

#include <charconv>

namespace equinix::sts::testing {

std::optional<std::string> form_decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            unsigned value = 0;
            auto const digits = text.substr(i + 1, 2);
            auto const* const begin = digits.data();
            auto const* const end = begin + digits.size();
            auto const read = std::from_chars(begin, end, value, 16);
            if (digits.size() != 2 || read.ptr != end || read.ec != std::errc()) return std::nullopt;
            out += static_cast<char>(value);
            i += 2;
        }
    }
    return out;
}

std::optional<form_fields> parse_form(std::string_view body) {
    form_fields fields;
    while (!body.empty()) {
        auto const pair = body.substr(0, body.find('&'));
        body.remove_prefix(std::min(body.size(), pair.size() + 1));
        auto const equals = pair.find('=');
        auto name = form_decode(pair.substr(0, equals));
        auto value = form_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
        if (!name || !value || name->empty()) return std::nullopt;
        fields.emplace_back(std::move(*name), std::move(*value));
    }
    return fields;
}

} // namespace equinix::sts::testing
