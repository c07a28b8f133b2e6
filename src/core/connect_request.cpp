#include "core/connect_request.hpp"

#include "base/base64.hpp"
#include "base/characters.hpp"
#include "values/header_field.hpp"

#include <algorithm>

namespace equinix::sts::core {
namespace {

/// In the proxy's URL.
bool has_credentials(client_options const& options) {
    return options.proxy && !options.proxy->authorization().empty();
}

} // namespace

base::wiped_buffer connect_request(std::string_view host, std::uint16_t port, client_options const& options) {
    bool const bracketed = host.find(':') != std::string_view::npos;
    auto const target =
        (bracketed ? "[" + std::string(host) + "]" : std::string(host)) + ":" + std::to_string(port);
    base::wiped_buffer out;
    auto const write = [&](auto const&... parts) { (base::append(out, parts), ...); };
    write("CONNECT ", target, " HTTP/1.1\r\nHost: ", target, "\r\n", values::user_agent_line(options));
    if (has_credentials(options))
        write(values::proxy_authorization, ": ", options.proxy->authorization().reveal(), "\r\n");
    for (auto const& [name, value] : options.proxy_headers)
        write(name, ": ", value.reveal(), "\r\n");
    write("\r\n");
    return out;
}

bool gives_proxy_credentials(client_options const& options) {
    auto const& more = options.proxy_headers;
    return has_credentials(options) || std::any_of(more.begin(), more.end(), [](auto const& field) {
               return base::iequals(field.first, values::proxy_authorization);
           });
}

std::vector<base::wiped_buffer> proxy_secrets(client_options const& options) {
    std::vector<base::wiped_buffer> all;
    auto const add = [&](std::string_view text) {
        if (!text.empty()) base::append(all.emplace_back(), text);
    };
    auto const add_basic = [&](std::string_view value) { // in decoded form, too
        constexpr std::string_view scheme = "Basic ";
        if (!base::iequals(value.substr(0, scheme.size()), scheme)) return;
        auto const encoded = value.substr(scheme.size());
        add(encoded);
        if (auto const pair = base::base64_decode(encoded)) {
            add(base::view(*pair));
            add(base::view(*pair).substr(base::view(*pair).find(':') +
                                         1)); // a short password counts only as a whole
        }
    };
    for (auto const& field : options.proxy_headers) {
        add(field.second.reveal());
        add_basic(field.second.reveal());
    }
    if (has_credentials(options)) add_basic(options.proxy->authorization().reveal());
    return all;
}

} // namespace equinix::sts::core
