#include "tool/our_words.hpp"

#include <string_view>
#include <utility>

namespace equinix::sts::tool {

std::string in_our_words(std::string message) {
    constexpr std::pair<std::string_view, std::string_view> words[] = {
        {"client_options::ca_file", "--ca-file"},
        {"client_options::client_certificate_file", "--client-cert"},
        {"client_options::client_key_file", "--client-key"},
        {"client_options::client_key_passphrase", "--client-key-passphrase-file"},
        {"client_options::proxy_headers", "--proxy-header-file"},
        {"client_options::attempt_timeout", "--attempt-timeout-ms"},
        {"client_authentication", "--client-id and --client-secret-file"},
        {"client_options::connect_timeout", "--connect-timeout-ms"},
        {"client_options::timeout, or its request's", "--timeout-ms"},
        {"client_options::timeout", "--timeout-ms"},
        {"proxy URL", "--proxy"},
        {"endpoint URL", "--url"}};
    if (message.starts_with("EQUINIX_")) return message; // a variable was wrong, and no option
    for (auto const& [theirs, ours] : words)
        if (auto const at = message.find(theirs); at != std::string::npos)
            message.replace(at, theirs.size(), ours);
    return message;
}

} // namespace equinix::sts::tool
