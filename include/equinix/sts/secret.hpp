/// \file
/// The one type that holds a secret: a subject token, an access token, a client secret.
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
/// Copies share one buffer, which is overwritten when the last of them is released, so a copy costs no
/// memory and leaves nothing behind. It cannot be printed or formatted; `reveal()` is the one way to read
/// it, easy to find in a review.
///
/// Thread-safety: as `std::shared_ptr<T const>`: different copies may be used from different threads.
class EQUINIX_STS_DECL secret {
public:
    /// An empty secret.
    secret() noexcept = default;

    /// Copies `text`. What the caller holds stays the caller's to wipe.
    explicit secret(std::string_view text);

    /// Copies `text` and overwrites it, its small-string buffer and spare capacity included.
    explicit secret(std::string&& text);

    /// Copies `text`.
    explicit secret(char const* text) : secret(std::string_view(text)) {}

    /// The text, valid as long as this secret or a copy of it. Whoever copies it elsewhere must wipe that.
    std::string_view reveal() const noexcept { return {text_.get(), size_}; }

    /// What stands behind the first `count` characters, in the same memory.
    secret without_prefix(std::size_t count) const noexcept;

    /// Whether there is no text.
    bool empty() const noexcept { return size_ == 0; }

    /// Its length in bytes.
    std::size_t size() const noexcept { return size_; }

private:
    friend struct token;
    static secret joined(std::string_view first, std::string_view second);

    std::shared_ptr<char const[]> text_;
    std::size_t size_ = 0;
};

/// A secret has no place in a log: use `reveal()` where it must be read.
std::ostream& operator<<(std::ostream&, secret const&) = delete;

} // namespace equinix::sts
