#include "tool/our_words.hpp"

#include <string_view>
#include <utility>

namespace equinix::sts::tool {
namespace {

constexpr std::pair<std::string_view, std::string_view> words[] = {
    {"client_options::tls.ca_file", "--ca-file"},
    {"client_options::tls.client_certificate_file", "--client-cert"},
    {"client_options::tls.client_key_file", "--client-key"},
    {"client_options::tls.client_key_passphrase", "--client-key-passphrase-file"},
    {"client_options::proxy_headers", "--proxy-header-file"},
    {"client_options::attempt_timeout", "--attempt-timeout-ms"},
    {"client_authentication", "--client-id and --client-secret-file"},
    {"client_options::connect_timeout", "--connect-timeout-ms"},
    {"client_options::timeout or exchange_request::timeout", "--timeout-ms"},
    {"client_options::timeout", "--timeout-ms"},
    {"client_options::http", "--http"},
    {"store_options::keys", "--store-key-file"},
    {"store_options::identity", "--store-identity"},
    {"store_options::name_space", "--store-namespace"},
    {"redis_options::password", "--store-password-file"},
    {"redis_options::sentinel_password", "--store-sentinel-password-file"},
    {"redis_options::sentinel_user", "--store-sentinel-user"},
    {"redis_options::user", "--store-user"},
    {"redis_options::service", "the service in --store"},
    {"redis_options::hosts", "--store"},
    {"redis_options::database", "the database in --store"},
    {"redis_options::unix_socket", "--store"},
    {"redis_options::tls", "--store-ca-file"},
    {"file_store: the directory", "--store: the directory"},
    {"the URL of the token store", "the URL of --store"},
    {"pass a callback that returns it", "give --client-key-passphrase-file"},
    {"(dpop_binding::required)", "(--dpop-required)"},
    {"proxy URL", "--proxy"},
    {"endpoint URL", "--url"}};

/// The library's options are members; the command's begin with two hyphens.
bool is_variable(std::string_view option) {
    return !option.empty() && !option.starts_with("--") && option.find("::") == std::string_view::npos;
}

/// Nothing depends on the text: only the names in it are replaced.
std::string translated(std::string text) {
    for (auto const& [theirs, ours] : words)
        for (auto at = text.find(theirs); at != std::string::npos; at = text.find(theirs, at + ours.size()))
            text.replace(at, theirs.size(), ours);
    return text;
}

} // namespace

std::string in_our_words(error_info const& of, std::string text) {
    return is_variable(of.option) ? text : translated(std::move(text)); // no option was at fault
}

std::string option_in_our_words(error_info const& of) {
    return translated(of.option);
}

} // namespace equinix::sts::tool
