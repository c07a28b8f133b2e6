#include "net/pem.hpp"

#include "core/failure.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>

namespace equinix::sts::net {

std::string quoted(std::string const& option, std::string const& path) {
    return option + ": '" + path + "'";
}

core::wiped_buffer read_file(std::string const& option, std::string const& path) {
    constexpr std::size_t largest = std::size_t(16) * 1024 * 1024;
    errno = 0;
    std::ifstream file;
    file.rdbuf()->pubsetbuf(nullptr, 0); // its own buffer would keep a copy of a key
    file.open(path, std::ios::binary);
    core::wiped_buffer content;
    core::wiped_buffer block(std::size_t(64) * 1024);
    while (file && content.size() < largest) {
        file.read(block.data(), static_cast<std::streamsize>(block.size()));
        content.insert(content.end(), block.begin(), block.begin() + file.gcount());
    }
    if (!file.eof()) {
        std::string const why = errno != 0 ? std::strerror(errno) : "it is too large"; // NOLINT
        core::refuse(option + ": cannot read '" + path + "': " + why);
    }
    return content;
}

openssl_ptr<BIO> reader(std::string_view text) {
    // OpenSSL takes no null pointer.
    openssl_ptr<BIO> bio(BIO_new_mem_buf(text.empty() ? "" : text.data(), static_cast<int>(text.size())));
    if (!bio) throw std::bad_alloc();
    return bio;
}

pem_block::~pem_block() {
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
}

bool pem_block::is_private_key() const noexcept {
    return std::string_view(name).find("PRIVATE KEY") != std::string_view::npos;
}

bool pem_block::is_trusted_certificate() const noexcept {
    return std::string_view(name) == PEM_STRING_X509_TRUSTED;
}

void for_each_block(std::string_view pem, std::string const& source,
                    std::function<void(pem_block const&)> const& use) {
    auto const bio = reader(pem);
    for (;;) {
        pem_block block;
        if (PEM_read_bio(bio.get(), &block.name, &block.header, &block.data, &block.size) != 1) break;
        use(block);
    }
    auto const reason = ERR_GET_REASON(ERR_peek_last_error());
    ERR_clear_error();
    if (reason != PEM_R_NO_START_LINE) core::refuse(source + " is not well-formed PEM");
}

openssl_ptr<X509> certificate_in(pem_block const& block, std::string const& source) {
    std::string_view const name = block.name;
    bool const has_settings = block.is_trusted_certificate();
    if (!has_settings && name != PEM_STRING_X509 && name != PEM_STRING_X509_OLD) return nullptr;
    unsigned char const* data = block.data;
    openssl_ptr<X509> certificate(has_settings ? d2i_X509_AUX(nullptr, &data, block.size)
                                               : d2i_X509(nullptr, &data, block.size));
    if (!certificate) core::refuse(source + " holds a certificate that cannot be read");
    // Reads its extensions now, before connections on several threads share it.
    X509_check_ca(certificate.get());
    return certificate;
}

[[noreturn]] void refuse_without_certificate(std::string const& source) {
    core::refuse(source + " holds no PEM certificate (-----BEGIN CERTIFICATE-----)");
}

} // namespace equinix::sts::net
