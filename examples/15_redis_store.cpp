// Options for tokens shared through Redis or Valkey. They are only created: no server is contacted.
#include <equinix/sts.hpp>
#include <equinix/sts/redis_store.hpp>

#include <boost/asio/io_context.hpp>

#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace sts = equinix::sts;
namespace asio = boost::asio;

// [redis]
/// The first line of a file, without the newline.
sts::secret secret_in(std::string const& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return sts::secret(std::move(line));
}

/// The keys in a file, one per line: each byte counts, except newlines. The first key seals.
std::vector<sts::secret> keys_in(std::string const& file) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error("cannot read the keys in " + file);
    std::vector<sts::secret> keys;
    for (std::string line; std::getline(in, line);)
        if (!line.empty()) keys.emplace_back(std::move(line));
    return keys;
}

sts::store_options shared_through_redis(asio::any_io_executor const& executor, std::string const& folder) {
    auto where =
        sts::redis_options::from_url("redis+sentinel://token-store-0.token-store,token-store-1.token-store,"
                                     "token-store-2.token-store/tokens");
    where.password = where.sentinel_password = secret_in(folder + "/password");
    sts::store_options sharing;
    sharing.store = sts::redis_store(executor, where);
    sharing.keys = keys_in(folder + "/key");
    return sharing;
}
// [redis]

sts::store_options shared_on_one_machine(asio::any_io_executor const& executor, std::string const& key_file) {
    // [one]
    sts::store_options sharing;
    sharing.store = sts::redis_store(executor, sts::redis_options::from_url("redis://127.0.0.1:6379"));
    sharing.keys = keys_in(key_file); // (umask 077; head -c 32 /dev/urandom | base64 >key)
    // [one]
    return sharing;
}

sts::token_source of_one_identity(sts::client const& client, sts::store_options const& sharing) {
    // [source]
    auto const request =
        sts::exchange_request(sts::suppliers::kubernetes("/var/run/secrets/tokens/equinix-sts"))
            .scope(sts::scope::role_assignments("4711"));
    sts::refresh_options options;
    options.sharing = sharing;
    options.sharing.identity = "orders@production"; // names the principal of the subject tokens
    sts::token_source tokens(client, request, options);
    // [source]
    return tokens;
}

sts::token_cache of_many_users(sts::client const& client, sts::store_options const& sharing) {
    // [cache]
    sts::cache_options options;
    options.refresh.sharing = sharing; // without an identity: each subject token counts as a whole
    sts::token_cache cache(client, options);
    // [cache]
    return cache;
}

int main() try {
    asio::io_context context;
    sts::client const client(context.get_executor());
    auto const sharing = shared_through_redis(context.get_executor(), "/nonexistent");
    auto const cache = of_many_users(client, sharing);
    auto const tokens = of_one_identity(client, sharing);
    return 1;
} catch (std::runtime_error const& error) {
    std::cout << error.what() << '\n'; // there is no key
    return 0;
}
