#include "tool/doctor/authority_files.hpp"

#include "base/openssl_ptr.hpp"
#include "tool/doctor/certificate_text.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <filesystem>
#include <string_view>

namespace equinix::sts::tool::doctor {
namespace {

std::string fingerprint_of(X509 const& certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    std::string text;
    if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) != 1) return text;
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (unsigned i = 0; i < size; ++i)
        text.append(i == 0 ? "" : ":").append(1, digits[digest[i] / 16U]).append(1, digits[digest[i] % 16U]);
    return text;
}

} // namespace

std::vector<authority> authorities_in(std::string const& file) {
    std::vector<authority> all;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) return all; // a pipe has been read
    base::openssl_ptr<BIO> const source(BIO_new_file(file.c_str(), "r"));
    while (source) {
        base::openssl_ptr<X509> const one(PEM_read_bio_X509_AUX(source.get(), nullptr, nullptr, nullptr));
        if (!one) break;
        all.push_back({distinguished_name(X509_get_subject_name(one.get())), fingerprint_of(*one)});
    }
    ERR_clear_error(); // the end of the file is one
    return all;
}

bool has_authorities(std::string const& file, std::string const& folder) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    return fs::exists(file, ignored) || (fs::is_directory(folder, ignored) && !fs::is_empty(folder, ignored));
}

} // namespace equinix::sts::tool::doctor
