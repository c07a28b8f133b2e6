// What the copies of a client share.
#pragma once

#include "client/pool.hpp"
#include "core/request_bytes.hpp"

#include <equinix/sts/client.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace equinix::sts {

/// Held by exchanges in flight, token sources and caches too.
class client::handle {
public:
    handle(boost::asio::any_io_executor home, client_options const& options)
        : timeout(options.timeout), issued_token_type(options.issued_token_type), observer(options.observer),
          thread_safe(options.thread_safe), head_prefix(core::head_prefix(options)),
          connections(std::make_shared<client_detail::pool>(std::move(home), options)) {}
    handle(handle const&) = delete;
    handle& operator=(handle const&) = delete;
    ~handle() { connections->close(); }

    std::chrono::nanoseconds const timeout;
    issued_token_type_policy const issued_token_type;
    sts::observer const observer;
    bool const thread_safe;
    std::string const head_prefix;
    std::shared_ptr<client_detail::pool> const connections;
};

/// How the layers above a client come to it.
struct client_detail::access {
    using handle = client::handle;
    static std::shared_ptr<handle> const& of(client const& one) noexcept { return one.handle_; }
};

} // namespace equinix::sts
