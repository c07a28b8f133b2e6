// OpenSSL's way to a socket, without SIGPIPE and with the system's error kept.
#pragma once

#include "net/socket_io.hpp"

#include <boost/assert.hpp>

#include <openssl/bio.h>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace equinix::sts::net {

/// The socket of a stream, and what OpenSSL has not taken of the bytes received. It asks for the head and the
/// body of each record in turn; received is what there is, in one call to the system.
struct socket_input {
    socket_state* socket = nullptr;
    bool closed = false;           ///< nothing more is received
    std::span<char> block;         ///< where to; lent by a `receiving`
    std::span<char const> waiting; ///< in the block, or kept
    std::vector<char> kept;
};

/// Lends a block while OpenSSL is called.
class receiving {
public:
    explicit receiving(socket_input& input) noexcept : input_(input) {
        BOOST_ASSERT(input.block.empty()); // one at a time
        input.block = block_;
    }
    receiving(receiving const&) = delete;
    receiving& operator=(receiving const&) = delete;
    ~receiving();

    /// Keeps what OpenSSL has left, which would go with the block. Throws `std::bad_alloc`.
    void keep_rest();

private:
    bool is_kept() const noexcept;

    socket_input& input_;
    std::array<char, std::size_t(17) * 1024> block_; // NOLINT: filled by the read; a whole record
};

/// Makes the method table; release it with `BIO_meth_free`.
BIO_METHOD* make_socket_bio_method() noexcept;

/// Makes a transport over `input`, which must outlive it.
BIO* make_socket_bio(BIO_METHOD const* method, socket_input& input) noexcept;

} // namespace equinix::sts::net
