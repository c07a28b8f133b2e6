// A JSON value as far as it matters here.
#pragma once

#include "base/wiped.hpp"

#include <string_view>

namespace equinix::sts::base {

struct json_member {
    enum class type { absent, null, text, number, other };

    json_member() = default;
    json_member(json_member&&) = default;
    json_member& operator=(json_member&&) = default;
    ~json_member() = default;

    bool present() const noexcept { return is != type::absent && is != type::null; }
    bool is_text() const noexcept { return is == type::text; }

    type is = type::absent;
    std::string_view value; ///< the text, when it is one: where it stands in the JSON, or in `unfolded`
    wiped_buffer unfolded;  ///< the text, when it has escapes in the JSON
    double number = 0;      ///< the number, when it is one; infinite when it is beyond a double
};

} // namespace equinix::sts::base
