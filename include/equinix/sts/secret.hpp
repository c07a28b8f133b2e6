/// \file
/// The type that holds a secret: a subject token, an access token, a client secret.
#pragma once

#include <equinix/sts/decl.hpp>

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace equinix::sts {

struct token;

/// An immutable secret text.
///
/// Copies share one buffer, which is overwritten when the last of them is destroyed. A copy therefore
/// allocates no memory and leaves nothing behind. A secret cannot be printed or formatted. `reveal()` is the
/// only way to read it, which makes every use easy to find in a review. Only construction from a text
/// allocates and may throw `std::bad_alloc`.
///
/// Thread-safety: as for `std::shared_ptr<T const>`: different threads may use different copies.
class EQUINIX_STS_DECL secret {
public:
    /// Creates an empty secret.
    secret() noexcept = default;

    /// Copies `text`. The caller remains responsible for wiping its own text.
    explicit secret(std::string_view text);

    /// Copies `text` and overwrites it, including its small-string buffer and spare capacity.
    explicit secret(std::string&& text);

    /// Copies `text`. The caller remains responsible for wiping its own text.
    explicit secret(char const* text) : secret(std::string_view(text)) {}

    /// Returns the text, which is valid while this secret or a copy of it exists. Callers that copy the text
    /// must wipe their copy.
    std::string_view reveal() const noexcept { return {text_.get(), size_}; }

    /// Returns the text after the first `count` characters, in the same memory. Empty if there are no more
    /// than `count`.
    secret without_prefix(std::size_t count) const noexcept;

    /// Returns whether the text is empty.
    bool empty() const noexcept { return size_ == 0; }

    /// Returns the length in bytes.
    std::size_t size() const noexcept { return size_; }

private:
    friend struct token;
    static secret joined(std::string_view first, std::string_view second);

    std::shared_ptr<char const[]> text_;
    std::size_t size_ = 0;
};

/// Deleted, because a secret must not be logged. Use `reveal()` where it must be read.
std::ostream& operator<<(std::ostream&, secret const&) = delete;

} // namespace equinix::sts
