#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/url.hpp"

#include <equinix/sts/endpoint.hpp>

#include <boost/url/url_view.hpp>

namespace equinix::sts {
namespace {

namespace urls = boost::urls;

constexpr std::string_view example = "; write it as https://host[:port]/path";

/// Never quotes the URL: its user info may be a password.
[[noreturn]] void refuse_url(std::string_view why) {
    base::refuse("endpoint URL " + std::string(why) + std::string(example));
}

urls::url_view parse(std::string_view url) {
    auto const parsed = base::parse_url(url);
    if (!parsed) refuse_url("is malformed");
    if (!base::iequals(parsed->scheme(), "https"))
        refuse_url("is not https: the subject token would be sent in the clear");
    if (parsed->has_userinfo()) refuse_url("has user info: set credentials with client_authentication");
    if (parsed->has_fragment()) refuse_url("has a fragment, which RFC 6749 section 3.2 forbids");
    return *parsed;
}

} // namespace

endpoint::endpoint() : endpoint("https://sts.eqix.equinix.com/use/token") {}

endpoint endpoint::v1() {
    return endpoint("https://sts.eqix.equinix.com/v1/token");
}

endpoint::endpoint(std::string_view url) {
    auto const parsed = parse(url);
    auto const host = base::host_of(parsed);
    if (!host.wrong.empty()) refuse_url(host.wrong);
    host_ = host.name;
    port_ = base::port_of(parsed, 443);
    if (port_ == 0) refuse_url("has no valid port");
    is_ip_address_ = host.is_ip_address;
    authority_ = host.is_ipv6 ? "[" + host_ + "]" : host_;
    if (port_ != 443) authority_ += ":" + std::to_string(port_);
    target_ = parsed.encoded_target();
    if (!target_.starts_with('/')) target_.insert(0, "/");
}

endpoint endpoint::from_base(std::string_view base_url, std::string_view path) {
    if (parse(base_url).has_query()) refuse_url("is a base URL with a query: give the full endpoint instead");
    while (base_url.ends_with('/'))
        base_url.remove_suffix(1);
    if (!path.starts_with('/')) base::refuse("endpoint path must begin with '/'");
    auto const given = parse(base_url).encoded_path();
    if (std::string_view(given.data(), given.size()).ends_with(path))
        return endpoint(base_url); // complete already
    return endpoint(std::string(base_url) += path);
}

} // namespace equinix::sts
