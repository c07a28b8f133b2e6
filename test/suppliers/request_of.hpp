// A request, taken apart by a server that stands for a platform.
#pragma once

#include <cctype>
#include <string>
#include <string_view>

namespace test {

/// Knows just what a platform's mock looks at.
class request_of {
public:
    explicit request_of(std::string text) : text_(std::move(text)) {}

    std::string line() const { return text_.substr(0, text_.find(" HTTP/1.1\r\n")); }
    std::string body() const { return text_.substr(text_.find("\r\n\r\n") + 4); }

    /// The value of a header field; empty if it is not there.
    std::string field(std::string_view name) const {
        auto const head = text_.substr(0, text_.find("\r\n\r\n") + 2);
        for (auto at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
            auto const row = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
            auto const colon = row.find(':');
            if (same(row.substr(0, colon), name)) return row.substr(colon + 2);
        }
        return {};
    }

private:
    static bool same(std::string_view a, std::string_view b) {
        if (a.size() != b.size()) return false;
        for (std::size_t i = 0; i < a.size(); ++i)
            if (std::tolower(static_cast<unsigned char>(a[i])) !=
                std::tolower(static_cast<unsigned char>(b[i])))
                return false;
        return true;
    }

    std::string text_;
};

} // namespace test
