// An HTTPS server whose handlers await a token and use it to call another API. At SIGTERM it ends without
// losing a request.
#include "support/https.hpp"
#include "support/orders_api.hpp"

#include <equinix/sts.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <csignal>
#include <iostream>
#include <set>

namespace sts = equinix::sts;
namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using asio::use_awaitable;

asio::awaitable<support::response> handle(sts::token_source tokens, support::orders_api const& api) {
    for (int attempt = 1;; ++attempt) {
        auto const token = co_await tokens.try_get(std::chrono::seconds(2));
        if (token.has_error()) {
            std::cerr << token.error().to_string() << '\n'; // why, and what to do
            co_return support::response(http::status::service_unavailable, 11);
        }
        auto answer =
            co_await support::https_get(api.port(), api.ca_pem(), "/orders", (*token)->authorization());
        if (answer.result() != http::status::unauthorized || attempt == 2) co_return answer;
        tokens.invalidate(**token); // try once more, with another token
    }
}

/// For a context that one thread runs.
class server {
public:
    server(asio::io_context& context, asio::ssl::context tls, sts::client client, sts::token_source tokens,
           support::orders_api const& api)
        : acceptor_(context, {asio::ip::address_v4::loopback(), 0}), ended_(context), tls_(std::move(tls)),
          client_(std::move(client)), tokens_(std::move(tokens)), api_(api) {}

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    asio::awaitable<void> listen() {
        while (!stopping_) {
            auto socket = co_await support::next_connection(acceptor_);
            ++connections_;
            asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)), [this](std::exception_ptr) {
                --connections_;
                ended_.cancel();
            });
        }
    }

    // [drain]
    asio::awaitable<void> until_terminated() {
        asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM);
        co_await signals.async_wait(use_awaitable);
        stopping_ = true;
        acceptor_.close();
        for (auto* const socket : idle_) // those that wait for their next request
            socket->cancel();
        while (connections_ != 0) { // requests in progress may need tokens
            ended_.expires_at(std::chrono::steady_clock::time_point::max());
            co_await ended_.async_wait(asio::as_tuple(use_awaitable)); // canceled by a connection that ends
        }
        co_await tokens_.shutdown();
        co_await client_.shutdown();
    } // nothing is left to do, and io_context::run() returns
    // [drain]

private:
    asio::awaitable<void> serve(tcp::socket socket) {
        asio::ssl::stream<tcp::socket> peer(std::move(socket), tls_);
        co_await peer.async_handshake(asio::ssl::stream_base::server, use_awaitable);
        boost::beast::flat_buffer buffer;
        for (bool keep = true; keep && !stopping_;) {
            http::request<http::string_body> request;
            idle_.insert(&peer.next_layer());
            auto const read = co_await http::async_read(peer, buffer, request, asio::as_tuple(use_awaitable));
            idle_.erase(&peer.next_layer());
            if (std::get<0>(read)) co_return;
            auto answer = co_await handle(tokens_, api_);
            keep = request.keep_alive() && !stopping_;
            answer.keep_alive(keep);
            answer.prepare_payload();
            co_await http::async_write(peer, answer, use_awaitable);
        }
    }

    tcp::acceptor acceptor_;
    asio::steady_timer ended_;
    asio::ssl::context tls_;
    sts::client client_;
    sts::token_source tokens_;
    support::orders_api const& api_;
    std::set<tcp::socket*> idle_;
    int connections_ = 0;
    bool stopping_ = false;
};

int main() {
    sts::testing::mock_sts const service;
    support::orders_api const api(service);
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();

    asio::io_context context(1);
    sts::client const client(context.get_executor(), options);
    sts::token_source const tokens(client, sts::exchange_request(sts::subject_token(service.id_token()))
                                               .scope(sts::scope::role_assignments("4711")));
    server ours(context, support::server_tls(service), client, tokens, api);
    asio::co_spawn(context, ours.listen(), asio::detached);
    asio::co_spawn(context, ours.until_terminated(), asio::detached);

    constexpr int requests = 3;
    int answered = 0, ended = 0;
    for (int i = 0; i < requests; ++i)
        asio::co_spawn(context, support::https_get(ours.port(), service.ca_pem(), "/", sts::secret()),
                       [&](std::exception_ptr const& thrown, support::response const& answer) {
                           if (!thrown && answer.result() == http::status::ok) ++answered;
                           if (++ended == requests) std::raise(SIGTERM);
                       });
    context.run();
    std::cout << answered << " of " << requests << " requests answered, after " << service.requests()
              << " exchanges\n";
    return answered == requests ? 0 : 1;
}
