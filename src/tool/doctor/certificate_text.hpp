// What a certificate says, safe to print.
#pragma once

#include <openssl/x509.h>

#include <string>

namespace equinix::sts::tool::doctor {

/// The content of a memory BIO.
std::string text_of(BIO* memory);

std::string distinguished_name(X509_NAME const* name);

} // namespace equinix::sts::tool::doctor
