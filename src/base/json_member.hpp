// A JSON value, reduced to what is needed here.
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
    std::string_view value; ///< the text, if it is one: in the JSON, or in `unfolded`
    wiped_buffer unfolded;  ///< the text, if it has escapes in the JSON
    double number = 0;      ///< the number, if it is one; infinite if it is too large for a double
};

} // namespace equinix::sts::base
