#include "net/authorities.hpp"

#include "base/failure.hpp"
#include "base/openssl_failure.hpp"
#include "base/redact.hpp"
#include "base/saturating.hpp"
#include "net/pem.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace equinix::sts::net {
namespace {

namespace fs = std::filesystem;

/// The authorities to trust, and those to reject: a `TRUSTED CERTIFICATE` has settings of what it may vouch
/// for.
class authorities {
public:
    /// Returns how many certificates of the PEM may vouch for servers.
    std::size_t add(std::string_view pem, pem_source const& source) {
        auto const before = trusted_.size();
        for_each_block(pem, source, [&](pem_block const& block) {
            if (block.is_private_key())
                source.refuse(" contains a private key: give a file that contains only certificates");
            if (auto certificate = certificate_in(block, source)) add(std::move(certificate));
        });
        return trusted_.size() - before;
    }

    [[noreturn]] void refuse_none(pem_source const& source) const {
        if (rejected_.empty()) refuse_without_certificate(source);
        source.refuse(
            " contains no certificate that is trusted for servers, according to the settings of its "
            "TRUSTED CERTIFICATE");
    }

    std::vector<base::openssl_ptr<X509>> const& trusted() const noexcept { return trusted_; }

    /// Adds the rejected ones too, and first: of two equal certificates OpenSSL keeps the first, and it
    /// refuses each path through a rejected one.
    void put_into(X509_STORE* store) const {
        for (auto const* const list : {&rejected_, &trusted_})
            for (auto const& one : *list)
                if (X509_STORE_add_cert(store, one.get()) != 1) base::fail_by_openssl("add a trust anchor");
    }

private:
    void add(base::openssl_ptr<X509> certificate) {
        bool const rejected = X509_check_trust(certificate.get(), X509_TRUST_SSL_SERVER,
                                               X509_TRUST_NO_SS_COMPAT) == X509_TRUST_REJECTED;
        // With a setting that allows it, OpenSSL would ignore what the certificate itself says about its use.
        if (!rejected) X509_trust_clear(certificate.get());
        (rejected ? rejected_ : trusted_).push_back(std::move(certificate));
    }

    std::vector<base::openssl_ptr<X509>> rejected_, trusted_;
};

void add_file(authorities& to, std::string const& option, std::string const& path,
              std::optional<base::clock::time_point> deadline = std::nullopt) {
    auto const content = read_pem(option, path, deadline);
    auto const source = file_of(option, path);
    if (to.add(base::view(content), source) == 0) to.refuse_none(source);
}

void add_directory(authorities& to, std::string const& option, std::string const& path) {
    std::size_t found = 0;
    std::error_code failed;
    for (fs::directory_iterator at(path, failed), end; !failed && at != end; at.increment(failed)) {
        std::error_code not_a_file;
        if (!fs::is_regular_file(at->path(), not_a_file)) continue;
        auto const file = at->path().string();
        auto const content = read_pem(option, file);
        if (base::view(content).find("-----BEGIN ") == std::string_view::npos) continue; // a note or an index
        found += to.add(base::view(content), file_of(option, file));
    }
    if (failed) base::refuse(option, ": cannot read " + base::quoted_path(path) + ": " + failed.message());
    if (found == 0) to.refuse_none(file_of(option, path));
}

/// The file name under which OpenSSL looks for a certificate in a folder: a hash of its subject.
std::string hashed_name(X509* certificate) {
    std::array<char, 24> name{};
    auto const size = std::snprintf(name.data(), name.size(), "%08lx.0", X509_subject_name_hash(certificate));
    return {name.data(), static_cast<std::size_t>(size)};
}

/// Whether OpenSSL finds an authority in a folder. OpenSSL skips what it cannot use.
bool leads_to_authorities(std::string const& folder) {
    std::error_code failed;
    for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
        auto const name = at->path().filename().string();
        if (!name.ends_with(".0")) continue;
        try {
            authorities those;
            add_file(those, folder, at->path().string());
            for (auto const& one : those.trusted())
                if (hashed_name(one.get()) == name) return true;
        } catch (error const&) {
            continue;
        }
    }
    return false;
}

/// The value of a variable, as OpenSSL reads it: empty in a program with more rights than its caller.
std::string named_by(std::string const& variable) {
    auto const* const value = ::secure_getenv(variable.c_str());
    return value == nullptr ? std::string() : value;
}

/// Why the file of a variable leads to no authority; empty when it does, or when no file is named.
std::string fault_of_file(authorities& to, std::string const& variable, std::string const& path,
                          base::clock::time_point deadline) try {
    if (!path.empty()) add_file(to, variable, path, deadline);
    return {};
} catch (error const& refused) {
    return refused.info().message;
}

/// As above, for a variable that lists folders, separated by colons.
std::string fault_of_folders(std::string const& variable, std::string const& paths) {
    for (std::size_t at = 0; at < paths.size();) {
        auto const end = std::min(paths.find(':', at), paths.size());
        if (leads_to_authorities(paths.substr(at, end - at))) return {};
        at = end + 1;
    }
    if (paths.empty()) return {};
    return file_of(variable, paths).name +
           " contains no PEM certificate under a file name that OpenSSL looks up: run openssl rehash";
}

} // namespace

void load_authorities(SSL_CTX* context, tls_options const& from, std::chrono::nanoseconds read_timeout) {
    authorities all;
    auto const deadline = base::after(base::clock::now(), read_timeout);
    if (!from.ca_file.empty()) add_file(all, "client_options::tls.ca_file", from.ca_file, deadline);
    if (!from.ca_directory.empty()) add_directory(all, "client_options::tls.ca_directory", from.ca_directory);
    pem_source const text{"client_options::tls.ca_pem", "client_options::tls.ca_pem"};
    if (!from.ca_pem.empty() && all.add(from.ca_pem, text) == 0) all.refuse_none(text);
    all.put_into(SSL_CTX_get_cert_store(context));
}

std::string load_system_authorities(SSL_CTX* context, std::chrono::nanoseconds read_timeout) {
    std::string const file_variable = X509_get_default_cert_file_env();
    std::string const folder_variable = X509_get_default_cert_dir_env();
    auto const file = named_by(file_variable);
    auto const folders = named_by(folder_variable);
    authorities in_file; // read here: OpenSSL would wait for the writer of a pipe for ever
    auto const deadline = base::after(base::clock::now(), read_timeout);
    auto const file_fault = fault_of_file(in_file, file_variable, file, deadline);
    auto const folder_fault = fault_of_folders(folder_variable, folders);
    // OpenSSL ignores the failure of one if the other succeeds.
    bool const file_will_do = !file.empty() && file_fault.empty();
    bool const folders_will_do = !folders.empty() && folder_fault.empty();
    if (!file_will_do && !folders_will_do && !(file_fault.empty() && folder_fault.empty()))
        base::refuse_option(file_fault.empty() ? folder_variable : file_variable,
                            file_fault + (file_fault.empty() || folder_fault.empty() ? "" : "; ") +
                                folder_fault);

    if (file_will_do) in_file.put_into(SSL_CTX_get_cert_store(context)); // otherwise not even a part of it
    if (SSL_CTX_set_default_verify_dir(context) != 1)
        base::refuse_option("client_options::tls.ca_file", "the system's certificate authorities cannot be "
                                                           "loaded: set client_options::tls.ca_file");
    // OpenSSL takes a variable with an empty value for a file with an empty name.
    if (file.empty()) SSL_CTX_load_verify_file(context, X509_get_default_cert_file());
    if (folders.empty()) SSL_CTX_load_verify_dir(context, X509_get_default_cert_dir());
    ERR_clear_error();
    return file_fault + folder_fault;
}

} // namespace equinix::sts::net
