// Bytes as hexadecimal digits.
#pragma once

#include <string_view>

namespace equinix::sts::base {

/// Appends two digits for each byte, in lower case.
template <class Text>
void append_hexadecimal(Text& out, std::string_view bytes) {
    for (char const c : bytes)
        for (unsigned const shift : {4U, 0U})
            out.push_back("0123456789abcdef"[static_cast<unsigned char>(c) >> shift & 0xfU]);
}

} // namespace equinix::sts::base
