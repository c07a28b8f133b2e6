// The state that the copies of a client share.
#pragma once

#include "client/certificate_users.hpp"
#include "client/exchange.hpp"
#include "client/object_store.hpp"
#include "client/pool.hpp"

#include <equinix/sts/client.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace equinix::sts {

/// Exchanges in flight, token sources and token caches hold one too.
class client::handle {
public:
    handle(boost::asio::any_io_executor home, client_options const& options)
        : timeout(options.timeout), observer(options.observer), thread_safe(options.thread_safe),
          terms(options), connections(std::make_shared<client_detail::pool>(std::move(home), options)),
          exchanges(options.thread_safe), certificates(options.thread_safe) {}
    handle(handle const&) = delete;
    handle& operator=(handle const&) = delete;
    ~handle() { connections->close(); }

    std::chrono::nanoseconds const timeout;
    sts::observer const observer;
    bool const thread_safe;
    client_detail::exchange_terms const terms;
    std::shared_ptr<client_detail::pool> const connections;
    client_detail::object_store<client_detail::exchange> exchanges;
    client_detail::certificate_users certificates;
};

/// Gives the layers above a client access to its handle.
struct client_detail::access {
    using handle = client::handle;
    static std::shared_ptr<handle> const& of(client const& one) noexcept { return one.handle_; }
};

} // namespace equinix::sts
