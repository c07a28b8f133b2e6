// What a fuzzer or dice give, read as choices; and the check that such a run makes of what comes of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace test {

/// Bytes, taken from the front. When they are used up, zeros come.
class byte_source {
public:
    explicit byte_source(std::string_view bytes) noexcept : rest_(bytes) {}

    bool empty() const noexcept { return rest_.empty(); }

    std::uint8_t byte() noexcept {
        if (rest_.empty()) return 0;
        auto const taken = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return taken;
    }

    /// So many bytes as one number.
    std::uint64_t number(std::size_t size) noexcept {
        std::uint64_t made = 0;
        for (std::size_t i = 0; i < size; ++i)
            made = made << 8U | byte();
        return made;
    }

    /// A number below `bound`, which is 65,536 at most.
    std::size_t below(std::size_t bound) noexcept {
        return static_cast<std::size_t>(number(bound > 256 ? 2 : 1)) % bound;
    }

    /// Whether one of `n` chances has come.
    bool one_in(std::size_t n) noexcept { return below(n) == n - 1; }

    std::string_view rest() const noexcept { return rest_; }

private:
    std::string_view rest_;
};

/// Thrown, so that a fuzzer stops at it and a test tells of it.
inline void require(bool holds, char const* what) {
    if (!holds) throw std::logic_error(what);
}

} // namespace test
