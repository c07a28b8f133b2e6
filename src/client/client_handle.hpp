// The state that the copies of a client share.
#pragma once

#include "client/exchange.hpp"
#include "client/object_store.hpp"
#include "client/pool.hpp"
#include "core/request_bytes.hpp"

#include <equinix/sts/client.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace equinix::sts {

/// Exchanges in flight, token sources and token caches hold one too.
class client::handle {
public:
    handle(boost::asio::any_io_executor home, client_options const& options)
        : url(options.endpoint.url()), timeout(options.timeout), observer(options.observer),
          thread_safe(options.thread_safe),
          terms{core::head_prefix(options), options.endpoint.target(), options.issued_token_type},
          connections(std::make_shared<client_detail::pool>(std::move(home), options)),
          exchanges(options.thread_safe) {}
    handle(handle const&) = delete;
    handle& operator=(handle const&) = delete;
    ~handle() { connections->close(); }

    std::string const url; ///< of the token endpoint
    std::chrono::nanoseconds const timeout;
    sts::observer const observer;
    bool const thread_safe;
    client_detail::exchange_terms const terms;
    std::shared_ptr<client_detail::pool> const connections;
    client_detail::object_store<client_detail::exchange> exchanges;
};

/// Gives the layers above a client access to its handle.
struct client_detail::access {
    using handle = client::handle;
    static std::shared_ptr<handle> const& of(client const& one) noexcept { return one.handle_; }
};

} // namespace equinix::sts
