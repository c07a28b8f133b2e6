// What the fuzz targets share. Each is a program: with libFuzzer's engine it searches, with replay.cpp it
// goes through its corpus once. It may throw nothing and must not crash.
#pragma once

#include "support/byte_source.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace test {

inline std::string_view text_of(std::uint8_t const* data, std::size_t size) {
    return {reinterpret_cast<char const*>(data), size};
}

/// A secret that the fuzzer's dictionary knows and no text of the library has by itself.
inline constexpr std::string_view canary = "Zq7Kx2Vw9Jt4Rb6Y.Hm3Pc8Ns5Ld1Gf0T.Xy7";

/// Whether a text has so much of the canary that it would be redacted: eight characters. The escape of one
/// before them may end in two more.
inline bool shows_canary(std::string_view text) {
    constexpr std::size_t telling = 10;
    for (std::size_t i = 0; i + telling <= canary.size(); ++i)
        if (text.find(canary.substr(i, telling)) != std::string_view::npos) return true;
    return false;
}

inline void require_no_canary(std::string_view text) {
    require(!shows_canary(text), "a text shows a secret");
}

} // namespace test
