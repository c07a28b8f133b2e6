// OpenSSL's access to a socket, without SIGPIPE and with the system's error preserved.
#pragma once

#include "net/socket_io.hpp"

#include <boost/assert.hpp>

#include <openssl/bio.h>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace equinix::sts::net {

/// The socket of a stream, and the received bytes that OpenSSL has not taken yet. OpenSSL asks for the head
/// and the body of each record in turn; here one system call receives everything there is.
struct socket_input {
    socket_state* socket = nullptr;
    bool closed = false;           ///< nothing more is received
    std::span<char> block;         ///< the destination; lent by a `receiving`
    std::span<char const> waiting; ///< in the block, or kept
    std::vector<char> kept;
};

/// Lends a block for the duration of a call to OpenSSL.
class receiving {
public:
    explicit receiving(socket_input& input) noexcept : input_(input) {
        BOOST_ASSERT(input.block.empty()); // one at a time
        input.block = block_;
    }
    receiving(receiving const&) = delete;
    receiving& operator=(receiving const&) = delete;
    ~receiving();

    /// Saves what OpenSSL has left in the block. Throws `std::bad_alloc`.
    void keep_rest();

private:
    bool is_kept() const noexcept;

    socket_input& input_;
    std::array<char, std::size_t(17) * 1024> block_; // NOLINT: filled by the read; holds a whole record
};

/// Creates the method table; release it with `BIO_meth_free`.
BIO_METHOD* make_socket_bio_method() noexcept;

/// Creates a transport over `input`, which must outlive it.
BIO* make_socket_bio(BIO_METHOD const* method, socket_input& input) noexcept;

} // namespace equinix::sts::net
