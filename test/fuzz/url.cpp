// URLs of endpoints, proxies and token suppliers, and the hosts that need no proxy. What is accepted can be
// written into a request without becoming another one, and reads the same when it is read again.
#include "base/base64.hpp"
#include "base/characters.hpp"
#include "core/request_bytes.hpp"
#include "fuzz/target.hpp"
#include "suppliers/token_url.hpp"
#include "values/no_proxy.hpp"

#include <equinix/sts.hpp>

#include <algorithm>
#include <string>

namespace {

namespace base = equinix::sts::base;
namespace values = equinix::sts::values;
namespace core = equinix::sts::core;
namespace sts = equinix::sts;
namespace urls = equinix::sts::suppliers_detail;
using namespace test;

/// Calls it; false when the URL was refused as a user's mistake, in words that hold none of it.
template <class Function>
bool accepted(Function make) try {
    make();
    return true;
} catch (sts::error const& refused) {
    require(refused.kind() == sts::error_kind::config, "a URL is refused for another reason than itself");
    require_no_canary(refused.what());
    return false;
}

bool is_graphic(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

void check_host(std::string const& host, std::uint16_t port) {
    require(!host.empty() && host.size() <= 254 && is_graphic(host), "a host that is none");
    require(std::none_of(host.begin(), host.end(), [](char c) { return c >= 'A' && c <= 'Z'; }),
            "a host in upper case");
    require(host.find_first_of("/@?#[]%\\") == std::string::npos, "a host with what is none of its own");
    require(port != 0, "a port that is none");
}

std::size_t lines_of_head(sts::endpoint const& to) {
    sts::client_options options;
    options.endpoint = to;
    auto const head = core::head_prefix(options);
    for (char const c : head)
        require(c == '\r' || c == '\n' || (c >= ' ' && c <= '~'), "a head with a control character");
    return static_cast<std::size_t>(std::count(head.begin(), head.end(), '\n'));
}

void check_endpoint(sts::endpoint const& made) {
    check_host(made.host(), made.port());
    require(made.target().starts_with('/') && is_graphic(made.target()),
            "a target that breaks the request line");
    require(made.target().find('#') == std::string::npos, "a target with a fragment");
    static auto const lines = lines_of_head(sts::endpoint());
    require(lines_of_head(made) == lines, "a URL adds a line to the head");
    sts::endpoint const again(made.url());
    require(again.host() == made.host() && again.port() == made.port() && again.target() == made.target() &&
                again.is_ip_address() == made.is_ip_address(),
            "read again, a URL is another one");
}

unsigned hex(char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : base::lower(c) - 'a' + 10);
}

std::string percent_decoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i];
        } else {
            plain += static_cast<char>(16 * hex(text[i + 1]) + hex(text[i + 2]));
            i += 2;
        }
    }
    return plain;
}

/// `Proxy-Authorization` for what stands before the host of a URL that was accepted.
std::string authorization_in(std::string_view url) {
    if (auto const scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    auto const at = url.find('@');
    if (at == std::string_view::npos) return {};
    auto const who = url.substr(0, at);
    auto const colon = std::min(who.find(':'), who.size());
    auto const password = colon == who.size() ? "" : percent_decoded(who.substr(colon + 1));
    base::wiped_buffer header;
    base::append(header, "Basic ");
    base::base64_encode(header, percent_decoded(who.substr(0, colon)) + ':' + password);
    return std::string(base::view(header));
}

void check_proxy(std::string_view url) {
    sts::proxy const made(url);
    check_host(made.host(), made.port());
    require(made.authorization().reveal() == authorization_in(url), "other credentials than the URL's");
}

/// A list covers what one of its entries covers, and any host covers itself.
void check_exceptions(std::string_view list, std::string_view host, bool is_address) {
    bool const covered = values::bypasses_proxy(list, host, is_address);
    bool by_one = list == "*";
    constexpr std::string_view separators = ", \t";
    for (auto rest = list; !rest.empty();) {
        auto const end = std::min(rest.find_first_of(separators), rest.size());
        auto const entry = rest.substr(0, end);
        by_one = by_one || (entry != "*" && values::bypasses_proxy(entry, host, is_address));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    require(covered == by_one, "a list of exceptions is not what its entries are");
    if (list == "*" || host.empty() || host.find_first_of(separators) != std::string_view::npos) return;
    if (host.starts_with('.') || host.ends_with('.')) return;
    require(values::bypasses_proxy(std::string(list) + ' ' + std::string(host), host, is_address),
            "a host does not cover itself");
}

void check_token_url(urls::token_url const& made) {
    check_host(made.origin.host, made.origin.port);
    require(made.target.starts_with('/') && is_graphic(made.target) && is_graphic(made.authority),
            "a target that breaks the request line");
}

} // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = text_of(data, size);
    accepted([&] { check_endpoint(sts::endpoint(text)); });
    accepted([&] { check_endpoint(sts::endpoint::from_base(text)); });
    accepted([&] { check_endpoint(sts::endpoint::from_base("https://sts.example.test", text)); });
    accepted([&] { check_proxy(text); });
    accepted([&] { check_token_url(urls::read_https_url("url", text)); });
    accepted([&] { check_token_url(urls::read_local_http_url("url", text)); });
    auto const end = std::min(text.find('\n'), text.size());
    auto const host = text.substr(end == text.size() ? end : end + 1);
    check_exceptions(text.substr(0, end), host, false);
    check_exceptions(text.substr(0, end), "10.1.2.3", true);
    check_exceptions(text.substr(0, end), "2001:db8::1", true);
    return 0;
}
