// PEM: files, the blocks in them, and certificates. Every function throws `error` of kind `config` that names
// the option and the file, never the file's content.
#pragma once

#include "base/openssl_ptr.hpp"
#include "base/saturating.hpp"
#include "base/wiped.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace equinix::sts::net {

/// The source of a PEM.
struct pem_source {
    std::string option; ///< as in `client_options::tls.ca_file`
    std::string name;   ///< its name in a message, as in `client_options::tls.ca_file: '/etc/ca.pem'`

    /// `why` is appended to the name.
    [[noreturn]] void refuse(std::string_view why) const;
};

/// `option` is the option that names the file's path.
pem_source file_of(std::string const& option, std::string const& path);

/// The content of a file, at most 16 MiB. For the deadline see `read_file`.
base::wiped_buffer read_pem(std::string const& option, std::string const& path,
                            std::optional<base::clock::time_point> deadline = std::nullopt);

struct pem_block {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;

    pem_block() = default;
    pem_block(pem_block const&) = delete;
    pem_block& operator=(pem_block const&) = delete;
    ~pem_block();

    bool is_private_key() const noexcept;

    /// A certificate with trust settings, which say what it may vouch for, in OpenSSL's own format.
    bool is_trusted_certificate() const noexcept;
};

/// Calls `use` with each block.
void for_each_block(std::string_view pem, pem_source const& source,
                    std::function<void(pem_block const&)> const& use);

/// The certificate of a block; null when the block is something else.
base::openssl_ptr<X509> certificate_in(pem_block const& block, pem_source const& source);

[[noreturn]] void refuse_without_certificate(pem_source const& source);

} // namespace equinix::sts::net
