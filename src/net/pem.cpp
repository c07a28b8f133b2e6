#include "net/pem.hpp"

#include "core/failure.hpp"
#include "core/openssl_failure.hpp"
#include "core/wiped.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <new>

namespace equinix::sts::net {
namespace {

using core::refuse;
namespace fs = std::filesystem;

/// `option` is what names the path.
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
        refuse(option + ": cannot read '" + path + "': " + why);
    }
    return content;
}

openssl_ptr<BIO> reader(std::string_view text) {
    // OpenSSL takes no null pointer.
    openssl_ptr<BIO> bio(BIO_new_mem_buf(text.empty() ? "" : text.data(), static_cast<int>(text.size())));
    if (!bio) core::fail_by_openssl("read PEM");
    return bio;
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

/// Calls `use` with each certificate. Returns how many there are. `source` is what to call the PEM in a
/// message.
template <class Use>
std::size_t for_each_certificate(std::string_view pem, std::string const& source, Use use) {
    auto const bio = reader(pem);
    std::size_t found = 0;
    for (;;) {
        pem_block block;
        if (PEM_read_bio(bio.get(), &block.name, &block.header, &block.data, &block.size) != 1) break;
        std::string_view const name = block.name;
        if (name.find("PRIVATE KEY") != std::string_view::npos)
            refuse(source + " holds a private key: give a file of certificates alone");
        if (name != PEM_STRING_X509 && name != PEM_STRING_X509_OLD) continue;
        unsigned char const* data = block.data;
        openssl_ptr<X509> certificate(d2i_X509(nullptr, &data, block.size));
        if (!certificate) refuse(source + " holds a certificate that cannot be read");
        // Reads its extensions now, before connections on several threads share it.
        X509_check_ca(certificate.get());
        use(std::move(certificate));
        ++found;
    }
    auto const reason = ERR_GET_REASON(ERR_peek_last_error());
    ERR_clear_error();
    if (reason != PEM_R_NO_START_LINE) refuse(source + " is not well-formed PEM");
    return found;
}

std::size_t trust(X509_STORE* store, std::string_view pem, std::string const& source) {
    return for_each_certificate(pem, source, [&](openssl_ptr<X509> certificate) {
        if (X509_STORE_add_cert(store, certificate.get()) != 1)
            refuse(source + " holds a certificate that cannot be trusted");
    });
}

[[noreturn]] void refuse_empty(std::string const& source) {
    refuse(source + " holds no PEM certificate (-----BEGIN CERTIFICATE-----)");
}

std::size_t trust_directory(X509_STORE* store, std::string const& path) {
    std::string const option = "client_options::ca_directory";
    std::size_t found = 0;
    std::error_code failed;
    for (fs::directory_iterator at(path, failed), end; !failed && at != end; at.increment(failed)) {
        std::error_code not_a_file;
        if (!fs::is_regular_file(at->path(), not_a_file)) continue;
        auto const file = at->path().string();
        auto const content = read_file(option, file);
        if (core::view(content).find("-----BEGIN ") == std::string_view::npos) continue; // a note, an index
        found +=
            trust(store, core::view(content), std::string(option).append(": '").append(file).append("'"));
    }
    if (failed) refuse(option + ": cannot read '" + path + "': " + failed.message());
    return found;
}

/// What OpenSSL's callback for a passphrase is given.
struct passphrase_request {
    explicit passphrase_request(std::function<secret()> const& how) : ask(how) {}

    std::function<secret()> const& ask;
    bool asked = false;
    std::exception_ptr thrown;
};

int give_passphrase(char* into, int size, int, void* user) {
    auto& request = *static_cast<passphrase_request*>(user);
    request.asked = true;
    if (!request.ask) return -1;
    try {
        auto const given = request.ask();
        if (given.size() > static_cast<std::size_t>(size)) return -1;
        std::memcpy(into, given.reveal().data(), given.size());
        return static_cast<int>(given.size());
    } catch (...) {
        request.thrown = std::current_exception();
        return -1;
    }
}

openssl_ptr<EVP_PKEY> read_key(std::string_view pem, std::function<secret()> const& passphrase,
                               std::string const& source) {
    auto const bio = reader(pem);
    passphrase_request request(passphrase);
    openssl_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &request));
    ERR_clear_error();
    if (request.thrown) std::rethrow_exception(request.thrown);
    if (key) return key;
    if (request.asked && !passphrase)
        refuse(source + " is encrypted: set client_options::client_key_passphrase");
    if (request.asked)
        refuse(source + " cannot be decrypted: client_key_passphrase gives a wrong passphrase");
    refuse(source + " holds no PEM private key");
}

} // namespace

void load_authorities(SSL_CTX* context, tls_settings const& from) {
    auto* const store = SSL_CTX_get_cert_store(context);
    if (!from.ca_file.empty()) {
        auto const source = "client_options::ca_file: '" + from.ca_file + "'";
        auto const content = read_file("client_options::ca_file", from.ca_file);
        if (trust(store, core::view(content), source) == 0) refuse_empty(source);
    }
    if (!from.ca_directory.empty() && trust_directory(store, from.ca_directory) == 0)
        refuse_empty("client_options::ca_directory: '" + from.ca_directory + "'");
    if (!from.ca_pem.empty() && trust(store, from.ca_pem, "client_options::ca_pem") == 0)
        refuse_empty("client_options::ca_pem");
}

void load_client_certificate(SSL_CTX* context, tls_settings const& from) {
    bool const has_certificate =
        !from.client_certificate_file.empty() || !from.client_certificate_pem.empty();
    bool const has_key = !from.client_key_file.empty() || !from.client_key_pem.empty();
    if (!has_certificate && !has_key) return;
    if (!has_key) refuse("client_options::client_key_file is missing: the certificate alone proves nothing");
    if (!has_certificate) refuse("client_options::client_certificate_file is missing: the key needs it");
    if (!from.client_certificate_file.empty() && !from.client_certificate_pem.empty())
        refuse("client_options::client_certificate_file and client_certificate_pem exclude each other");
    if (!from.client_key_file.empty() && !from.client_key_pem.empty())
        refuse("client_options::client_key_file and client_key_pem exclude each other");

    std::string source = "client_options::client_certificate_pem";
    core::wiped_buffer content;
    std::string_view pem = from.client_certificate_pem;
    if (!from.client_certificate_file.empty()) {
        source = "client_options::client_certificate_file: '" + from.client_certificate_file + "'";
        content = read_file("client_options::client_certificate_file", from.client_certificate_file);
        pem = core::view(content);
    }
    bool first = true;
    auto const found = for_each_certificate(pem, source, [&](openssl_ptr<X509> certificate) {
        auto const taken = first ? SSL_CTX_use_certificate(context, certificate.get())
                                 : SSL_CTX_add1_chain_cert(context, certificate.get());
        first = false;
        if (taken != 1) refuse(source + " holds a certificate that cannot be used (is its key too weak?)");
    });
    if (found == 0) refuse_empty(source);

    source = "client_options::client_key_pem";
    pem = from.client_key_pem.reveal();
    core::wiped_buffer key_content;
    if (!from.client_key_file.empty()) {
        source = "client_options::client_key_file: '" + from.client_key_file + "'";
        key_content = read_file("client_options::client_key_file", from.client_key_file);
        pem = core::view(key_content);
    }
    auto const key = read_key(pem, from.client_key_passphrase, source);
    bool const fits =
        SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1;
    ERR_clear_error();
    if (!fits) refuse(source + " does not belong to the client certificate");
}

} // namespace equinix::sts::net
