#include "base/base64.hpp"
#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/url.hpp"
#include "base/variable.hpp"
#include "base/wiped.hpp"
#include "values/no_proxy.hpp"

#include <equinix/sts/proxy.hpp>

#include <boost/url/decode_view.hpp>
#include <boost/url/url_view.hpp>

namespace equinix::sts {
namespace {

namespace urls = boost::urls;

/// Never quotes the URL: it may hold a password.
[[noreturn]] void refuse_url(std::string_view why) {
    base::refuse("proxy URL " + std::string(why) + "; write it as http://[user:password@]host[:port]");
}

secret basic(urls::url_view const& url) {
    if (!url.has_userinfo()) return {};
    base::wiped_buffer pair, header;
    for (char const c : *url.encoded_user()) {
        if (c == ':')
            refuse_url("has a user name with a colon, which Basic authentication does not allow (RFC 7617)");
        pair.push_back(c);
    }
    pair.push_back(':');
    for (char const c : *url.encoded_password())
        pair.push_back(c);
    base::append(header, "Basic ");
    base::base64_encode(header, base::view(pair));
    return secret(base::view(header));
}

/// The first of these variables whose value is not empty; null when there is none.
char const* first_of(std::initializer_list<char const*> names) {
    for (auto const* const name : names)
        if (!base::variable(name).empty()) return name;
    return nullptr;
}

} // namespace

proxy::proxy(std::string_view url) {
    base::wiped_buffer whole;
    if (url.find("://") == std::string_view::npos) base::append(whole, "http://");
    base::append(whole, url);
    auto const parsed = base::parse_url(base::view(whole));
    if (!parsed) refuse_url("is malformed (does the password need percent-encoding?)");
    if (!base::iequals(parsed->scheme(), "http")) refuse_url("has a scheme that is not supported");
    if (auto const path = parsed->encoded_path(); !path.empty() && path != "/") refuse_url("has a path");
    if (parsed->has_query() || parsed->has_fragment()) refuse_url("has a query or a fragment");
    auto const host = base::host_of(*parsed);
    if (!host.wrong.empty()) refuse_url(host.wrong);
    port_ = base::port_of(*parsed, 1080);
    if (port_ == 0) refuse_url("has no valid port");
    host_ = host.name;
    is_ip_address_ = host.is_ip_address;
    authorization_ = basic(*parsed);
}

std::optional<proxy> proxy::from_environment(endpoint const& target) {
    auto const* const name = first_of({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
    if (name == nullptr) return std::nullopt;
    auto const* const no_proxy = first_of({"no_proxy", "NO_PROXY"});
    auto const exceptions = no_proxy == nullptr ? std::string_view() : base::variable(no_proxy);
    if (values::bypasses_proxy(exceptions, target.host(), target.is_ip_address())) return std::nullopt;
    return base::made_from(name, [&] { return proxy(base::variable(name)); });
}

} // namespace equinix::sts
