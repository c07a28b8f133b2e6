#include "tool/store_setup.hpp"

#include "base/failure.hpp"
#include "stores/key_file.hpp"
#include "tool/secret_source.hpp"

#include <equinix/sts/file_store.hpp>
#ifdef EQUINIX_STS_HAS_REDIS
#include <equinix/sts/redis_store.hpp>
#endif

#include <filesystem>
#include <string_view>

namespace equinix::sts::tool {
namespace {

bool is_url(std::string_view store) {
    return store.find("://") != std::string_view::npos || store.starts_with("redis:") ||
           store.starts_with("rediss:") || store.starts_with("redis+") || store.starts_with("rediss+");
}

/// A host and port, most likely, and not the name of a directory.
bool may_be_host(std::string_view store) {
    return store.find('/') == std::string_view::npos && store.find(':') != std::string_view::npos;
}

secret password_of(std::string const& option, std::string const& path, std::chrono::nanoseconds at_most) {
    return path.empty() ? secret() : secret_from_file(option, path, at_most);
}

#ifdef EQUINIX_STS_HAS_REDIS
std::shared_ptr<token_store> redis_of(exchange_arguments const& given,
                                      boost::asio::any_io_executor const& executor) {
    constexpr auto at_most = std::chrono::seconds(30);
    auto options = redis_options::from_url(given.store);
    options.user = given.store_user;
    options.password = password_of("--store-password-file", given.store_password_file, at_most);
    options.sentinel_user = given.store_sentinel_user;
    options.sentinel_password =
        password_of("--store-sentinel-password-file", given.store_sentinel_password_file, at_most);
    if (!given.store_ca_file.empty()) {
        if (!options.tls) base::refuse("--store-ca-file", " needs a URL with TLS: rediss://");
        options.tls->ca_file = given.store_ca_file;
    }
    return redis_store(executor, std::move(options));
}
#else
[[noreturn]] std::shared_ptr<token_store> redis_of(exchange_arguments const&,
                                                   boost::asio::any_io_executor const&) {
    base::refuse("--store", ": this sts-token was built without hiredis and supports only directories");
}
#endif

} // namespace

store_options sharing_of(exchange_arguments const& given, boost::asio::any_io_executor const& executor) {
    store_options made;
    if (given.store.empty()) return made;
    made.name_space = given.store_namespace;
    made.identity = given.store_identity;
    // Longer than the defaults, which suit a request that a service serves: a slow store costs this process
    // less than an exchange.
    made.bounds.command = std::chrono::milliseconds(500);
    made.bounds.connect = std::chrono::seconds(1);
    bool const is_directory = !is_url(given.store);
    if (is_directory && may_be_host(given.store))
        base::refuse("--store", " is neither a URL nor a path: write redis://" + given.store +
                                    " for a server, or ./" + given.store + " for a directory");
    if (is_directory) {
        for (auto const& [name, value] :
             {std::pair("--store-user", &given.store_user),
              std::pair("--store-password-file", &given.store_password_file),
              std::pair("--store-sentinel-user", &given.store_sentinel_user),
              std::pair("--store-sentinel-password-file", &given.store_sentinel_password_file),
              std::pair("--store-ca-file", &given.store_ca_file)})
            if (!value->empty()) base::refuse(name, " is for Redis, not for a directory");
        made.store = file_store(std::filesystem::absolute(given.store).lexically_normal().string());
    } else {
        made.store = redis_of(given, executor);
    }
    if (!given.store_key_file.empty())
        made.keys = base::made_from(
            "--store-key-file", [&] { return stores_detail::keys_in(given.store_key_file, is_directory); });
    else if (!is_directory)
        base::refuse("--store-key-file", " is needed: a file with the key that all processes share, for "
                                         "example the output of `head -c 32 /dev/urandom | base64`");
    return made;
}

} // namespace equinix::sts::tool
