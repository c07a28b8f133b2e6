// The library's own error codes, made in it and compared here.
#include "check.hpp"

#include <equinix/sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include <netdb.h>

#include <optional>

namespace asio = boost::asio;
namespace sts = equinix::sts;

namespace {

asio::awaitable<void> exchange(sts::client client, std::optional<sts::error>& thrown) {
    try {
        auto const request =
            sts::exchange_request(sts::subject_token("not.a.token")).scope(sts::scope("any"));
        co_await client.exchange(request);
    } catch (sts::error const& error) {
        thrown.emplace(error);
    }
    client.close();
}

sts::error_info error_of(char const* url) {
    sts::client_options options;
    options.endpoint = sts::endpoint(url);
    options.retry.max_attempts = 1;
    asio::io_context context;
    std::optional<sts::error> thrown;
    asio::co_spawn(context, exchange(sts::client(context.get_executor(), options), thrown), asio::detached);
    context.run();
    holds(thrown.has_value(), "an exchange with a server that is not there threw no sts::error");
    return thrown->info();
}

check const errors("errors", [] {
    boost::system::error_code ec = sts::error_kind::timeout;
    holds(ec == sts::error_kind::timeout, "a code does not equal its sts::error_kind");
    holds(ec.category() == sts::error_category(), "a code is of another category than sts::error_category()");

    auto const unresolved = error_of("https://no-such-host.invalid/use/token");
    equal("the kind of a name that is not there", to_string(unresolved.kind),
          to_string(sts::error_kind::dns));
    holds(unresolved.code.category() == sts::resolver_category(),
          "its code is not of sts::resolver_category()");
    holds(unresolved.code == boost::system::error_code(EAI_NONAME, sts::resolver_category()) ||
              unresolved.code ==
                  boost::system::error_code(EAI_AGAIN, sts::resolver_category()), // without a name server
          "its code equals neither EAI_NONAME nor EAI_AGAIN");

    auto const refused = error_of("https://127.0.0.1:1/use/token");
    equal("the kind of a refused connection", to_string(refused.kind), to_string(sts::error_kind::connect));
    holds(refused.code == asio::error::connection_refused,
          "its code does not equal asio::error::connection_refused");
    holds(refused.code == boost::system::errc::connection_refused,
          "its code does not equal errc::connection_refused");
});

} // namespace
