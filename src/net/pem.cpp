#include "net/pem.hpp"

#include "base/failure.hpp"
#include "base/private_key.hpp"
#include "base/read_file.hpp"
#include "base/redact.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <utility>

namespace equinix::sts::net {

void pem_source::refuse(std::string_view why) const {
    base::refuse_option(option, std::string(name).append(why));
}

pem_source file_of(std::string const& option, std::string const& path) {
    return {option, option + ": " + base::quoted_path(path)};
}

base::wiped_buffer read_pem(std::string const& option, std::string const& path,
                            std::optional<base::clock::time_point> deadline) {
    constexpr std::size_t largest = std::size_t(16) * 1024 * 1024;
    auto file = base::read_file(path, largest + 1, deadline);
    if (file.code)
        base::refuse(option, ": cannot read " + base::quoted_path(path) + ": " + file.code.message());
    if (file.problem != nullptr) file_of(option, path).refuse(" " + base::problem_of(file));
    return std::move(file.text);
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

void for_each_block(std::string_view pem, pem_source const& source,
                    std::function<void(pem_block const&)> const& use) {
    auto const bio = base::reader(pem);
    for (;;) {
        pem_block block;
        if (PEM_read_bio(bio.get(), &block.name, &block.header, &block.data, &block.size) != 1) break;
        use(block);
    }
    auto const reason = ERR_GET_REASON(ERR_peek_last_error());
    ERR_clear_error();
    if (reason != PEM_R_NO_START_LINE) source.refuse(" is not well-formed PEM");
}

base::openssl_ptr<X509> certificate_in(pem_block const& block, pem_source const& source) {
    std::string_view const name = block.name;
    bool const has_settings = block.is_trusted_certificate();
    if (!has_settings && name != PEM_STRING_X509 && name != PEM_STRING_X509_OLD) return nullptr;
    unsigned char const* data = block.data;
    base::openssl_ptr<X509> certificate(has_settings ? d2i_X509_AUX(nullptr, &data, block.size)
                                                     : d2i_X509(nullptr, &data, block.size));
    if (!certificate) source.refuse(" contains a certificate that cannot be read");
    // Makes OpenSSL parse the extensions now, before connections on several threads share the certificate.
    X509_check_ca(certificate.get());
    return certificate;
}

[[noreturn]] void refuse_without_certificate(pem_source const& source) {
    source.refuse(" contains no PEM certificate (-----BEGIN CERTIFICATE-----)");
}

} // namespace equinix::sts::net
