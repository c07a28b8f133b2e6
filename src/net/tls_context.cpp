#include "net/tls_context.hpp"

#include "core/failure.hpp"
#include "core/wiped.hpp"
#include "net/socket_bio.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>

namespace equinix::sts::net {
namespace {

using core::refuse;

core::wiped_buffer read_file(std::string const& path) {
    constexpr std::size_t largest = std::size_t(16) * 1024 * 1024;
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    core::wiped_buffer content;
    core::wiped_buffer block(std::size_t(64) * 1024);
    while (file && content.size() < largest) {
        file.read(block.data(), static_cast<std::streamsize>(block.size()));
        content.insert(content.end(), block.begin(), block.begin() + file.gcount());
    }
    if (!file.eof()) {
        std::string const why = errno != 0 ? std::strerror(errno) : "it is too large"; // NOLINT
        refuse("client_options::ca_file: cannot read '" + path + "': " + why);
    }
    return content;
}

struct pem_block {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;

    pem_block() = default;
    pem_block(pem_block const&) = delete;
    pem_block& operator=(pem_block const&) = delete;
    ~pem_block() {
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(data, static_cast<std::size_t>(size));
    }
};

/// `source` is what to call the PEM in a message.
void trust(X509_STORE* store, std::string_view pem, std::string const& source) {
    auto const* const text = pem.empty() ? "" : pem.data(); // OpenSSL takes no null pointer
    ssl_ptr<BIO> const bio(BIO_new_mem_buf(text, static_cast<int>(pem.size())));
    if (!bio) throw std::bad_alloc();
    std::size_t found = 0;
    for (;;) {
        pem_block block;
        if (PEM_read_bio(bio.get(), &block.name, &block.header, &block.data, &block.size) != 1) break;
        std::string_view const name = block.name;
        if (name.find("PRIVATE KEY") != std::string_view::npos)
            refuse(source + " holds a private key: give a file of the authorities' certificates alone");
        if (name != PEM_STRING_X509 && name != PEM_STRING_X509_OLD) continue;
        unsigned char const* data = block.data;
        ssl_ptr<X509> const certificate(d2i_X509(nullptr, &data, block.size));
        if (!certificate) refuse(source + " holds a certificate that cannot be read");
        // Reads its extensions now, before connections on several threads share it.
        X509_check_ca(certificate.get());
        if (X509_STORE_add_cert(store, certificate.get()) != 1)
            refuse(source + " holds a certificate that cannot be trusted");
        ++found;
    }
    auto const reason = ERR_GET_REASON(ERR_peek_last_error());
    ERR_clear_error();
    if (reason != PEM_R_NO_START_LINE) refuse(source + " is not well-formed PEM");
    if (found == 0) refuse(source + " holds no PEM certificate (-----BEGIN CERTIFICATE-----)");
}

} // namespace

tls_context::tls_context(std::string const& ca_file, std::string const& ca_pem)
    : context_(SSL_CTX_new(TLS_client_method())), transport_(make_socket_bio_method()) {
    if (!context_ || !transport_) throw std::bad_alloc();
    auto* const ctx = context_.get();
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_security_level(ctx, 2);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, nullptr);
    constexpr unsigned char http_1_1[] = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(ctx, http_1_1, sizeof(http_1_1) - 1);

    if (ca_file.empty() && ca_pem.empty()) {
        if (SSL_CTX_set_default_verify_paths(ctx) != 1)
            refuse("the system's certificate authorities cannot be loaded: set client_options::ca_file");
        return;
    }
    auto* const store = SSL_CTX_get_cert_store(ctx);
    if (!ca_file.empty()) {
        auto const content = read_file(ca_file);
        trust(store, view(content), "client_options::ca_file: '" + ca_file + "'");
    }
    if (!ca_pem.empty()) trust(store, ca_pem, "client_options::ca_pem");
}

} // namespace equinix::sts::net
