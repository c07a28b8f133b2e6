// What a user of Beast writes: its examples' way, in a coroutine a connection, with `ssl::stream`, a fresh
// request and a fresh response each time, and nothing around it.
#include "peers/peer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/version.hpp>

#include <cstdlib>
#include <iostream>
#include <string>

namespace {

using namespace equinix::sts::bench; // NOLINT: one file, one program
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using stream = beast::ssl_stream<beast::tcp_stream>;

class beast_client {
public:
    explicit beast_client(peer_arguments what)
        : what_(std::move(what)), all_("beast", what_), trust_(asio::ssl::context::tls_client), gate_(io_) {
        trust_.load_verify_file(what_.ca_file);
        trust_.set_verify_mode(asio::ssl::verify_peer);
        gate_.expires_at(asio::steady_timer::time_point::max());
    }

    int run() {
        asio::co_spawn(io_, connection(), fail);
        while (open_ < 1)
            io_.run_one();
        all_.first();
        for (unsigned i = 1; i < what_.connections; ++i)
            asio::co_spawn(io_, connection(), fail);
        while (open_ < what_.connections)
            io_.run_one();
        all_.open();
        if (what_.mode == "idle") return all_.close();
        left_ = what_.exchanges;
        gate_.cancel();
        while (done_ < what_.exchanges)
            io_.run_one();
        return all_.close();
    }

private:
    static void fail(std::exception_ptr why) {
        if (!why) return;
        std::cerr << "beast: a connection failed\n";
        std::exit(1); // NOLINT: one thread
    }

    asio::awaitable<void> connection() {
        stream over(io_, trust_);
        if (SSL_set_tlsext_host_name(over.native_handle(), what_.host.c_str()) != 1)
            throw std::runtime_error("no server name");
        over.set_verify_callback(asio::ssl::host_name_verification(what_.host));
        tcp::resolver names(io_);
        auto const found = co_await names.async_resolve(what_.host, what_.port, asio::use_awaitable);
        beast::get_lowest_layer(over).expires_after(std::chrono::seconds(30));
        co_await beast::get_lowest_layer(over).async_connect(found, asio::use_awaitable);
        beast::get_lowest_layer(over).socket().set_option(tcp::no_delay(true));
        co_await over.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
        all_.handshake(false);
        co_await exchange(over);
        ++open_;
        beast::error_code gate_opened;
        co_await gate_.async_wait(asio::redirect_error(asio::use_awaitable, gate_opened));
        while (left_ != 0) {
            --left_;
            auto const begun = measurement::clock::now();
            auto const good = co_await exchange(over);
            all_.add(begun, measurement::clock::now(), good);
            ++done_;
        }
    }

    asio::awaitable<bool> exchange(stream& over) {
        http::request<http::string_body> request(http::verb::post, what_.target, 11);
        request.set(http::field::host, what_.host + ":" + what_.port);
        request.set(http::field::user_agent, BOOST_BEAST_VERSION_STRING);
        request.set(http::field::accept, "application/json");
        request.set(http::field::content_type, "application/x-www-form-urlencoded");
        equinix::sts::base::wiped_buffer form;
        encode_form(what_, form);
        request.body().assign(form.data(), form.size());
        request.prepare_payload();
        beast::get_lowest_layer(over).expires_after(std::chrono::seconds(30));
        co_await http::async_write(over, request, asio::use_awaitable);
        beast::flat_buffer buffer;
        http::response<http::string_body> response;
        co_await http::async_read(over, buffer, response, asio::use_awaitable);
        co_return response.result() == http::status::ok&& reader_.read(response.body());
    }

    peer_arguments const what_;
    measurement all_;
    asio::io_context io_{1};
    asio::ssl::context trust_;
    asio::steady_timer gate_;
    token_reader reader_;
    unsigned open_ = 0;
    std::uint64_t left_ = 0, done_ = 0;
};

} // namespace

int main(int argc, char** argv) {
    return beast_client(read_arguments({argv + 1, argv + argc})).run();
}
