#include "tool/doctor/certificate_text.hpp"

#include "base/openssl_ptr.hpp"
#include "base/redact.hpp"

namespace equinix::sts::tool::doctor {

std::string text_of(BIO* memory) {
    char* data = nullptr;
    auto const size = BIO_get_mem_data(memory, &data);
    return base::printable({data, static_cast<std::size_t>(size)}, {}, 300);
}

std::string distinguished_name(X509_NAME const* name) {
    base::openssl_ptr<BIO> const memory(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
    return text_of(memory.get());
}

} // namespace equinix::sts::tool::doctor
