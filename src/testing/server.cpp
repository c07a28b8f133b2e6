#include "testing/server.hpp"

#include "base/characters.hpp"
#include "base/lock.hpp"
#include "testing/server_peer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <future>

namespace equinix::sts::testing {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t kept_requests = 10'000;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

/// In the form of RFC 9110 section 5.6.7, with the names of the C locale.
std::string http_date() {
    constexpr std::string_view days = "SunMonTueWedThuFriSat",
                               months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    auto const now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char rest[32];
    auto const size = std::strftime(rest, sizeof(rest), " %Y %H:%M:%S GMT", &parts);
    auto const day = std::to_string(parts.tm_mday);
    return std::string(days.substr(static_cast<std::size_t>(parts.tm_wday) * 3, 3)) +
           (day.size() == 1 ? ", 0" : ", ") + day + " " +
           std::string(months.substr(static_cast<std::size_t>(parts.tm_mon) * 3, 3)) +
           std::string(rest, size);
}

asio::ssl::context make_tls(server_identity const& identity) {
    asio::ssl::context tls(asio::ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
    tls.use_certificate_chain(asio::buffer(identity.certificate_pem));
    tls.use_private_key(asio::buffer(identity.key_pem), asio::ssl::context::pem);
    return tls;
}

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

} // namespace

struct mock_server::received {
    http::request<http::string_body> message;
    std::string raw;
    bool well_formed = true;

    /// A HEAD request, which asks for no token.
    bool is_head() const { return message.method() == http::verb::head; }
};

mock_server::mock_server(mock_options const& options, token_endpoint const& rules)
    : rules_(rules), most_streams_(options.max_streams), tls_(asio::ssl::context::tls_server),
      acceptor_(context_), held_(context_) {
    identity_ = options.certificate_pem.empty()
                    ? make_server_identity(options.certificate_names)
                    : server_identity{"", options.certificate_pem, options.key_pem};
    tls_ = make_tls(identity_);
#ifdef EQUINIX_STS_HAS_HTTP2
    if (options.http2) offer_http2(tls_);
#endif
    tcp::endpoint const local(asio::ip::address_v4::loopback(), options.port);
    acceptor_.open(local.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(local);
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
    asio::co_spawn(context_, accept(), asio::detached);
}

void mock_server::stop() {
    asio::post(context_, [this] { context_.stop(); });
}

void mock_server::next(mock_answer answer) {
    base::mutex_lock const lock(mutex_);
    next_.push_back(std::move(answer));
}

void mock_server::always(std::optional<mock_answer> answer) {
    base::mutex_lock const lock(mutex_);
    always_ = std::move(answer);
}

void mock_server::release() {
    asio::post(context_, [this] { held_.close(); });
}

void mock_server::close_idle_connections() {
    std::promise<void> done;
    asio::post(context_, [this, &done] {
        for (auto* const it : peers_)
            if (it->idle) it->stream.lowest_layer().cancel();
        done.set_value();
    });
    done.get_future().wait();
}

std::size_t mock_server::requests() const {
    base::mutex_lock const lock(mutex_);
    return requests_;
}

bool mock_server::wait_for_requests(std::size_t count, std::chrono::milliseconds at_most) const {
    auto const until = std::chrono::steady_clock::now() + at_most;
    base::mutex_lock const lock(mutex_);
    while (requests_ < count)
        if (request_came_.wait_until(mutex_, until) == std::cv_status::timeout) return requests_ >= count;
    return true;
}

std::size_t mock_server::connections() const {
    base::mutex_lock const lock(mutex_);
    return connections_;
}

std::size_t mock_server::handshakes() const {
    base::mutex_lock const lock(mutex_);
    return handshakes_;
}

std::vector<std::string> mock_server::raw_requests() const {
    base::mutex_lock const lock(mutex_);
    return {raw_requests_.begin(), raw_requests_.end()};
}

asio::awaitable<void> mock_server::accept() {
    for (;;) {
        auto accepted = co_await acceptor_.async_accept(quiet);
        auto& [ec, socket] = accepted;
        if (ec == asio::error::operation_aborted) co_return;
        if (ec) { // for example no descriptor is left
            asio::steady_timer moment(context_, std::chrono::milliseconds(10));
            co_await moment.async_wait(quiet);
            continue;
        }
        socket.set_option(tcp::no_delay(true), ec);
        {
            base::mutex_lock const lock(mutex_);
            ++connections_;
        }
        asio::co_spawn(context_, serve(std::make_shared<peer>(std::move(socket), tls_)), asio::detached);
    }
}

asio::awaitable<void> mock_server::serve(std::shared_ptr<peer> with) {
    auto const shaken = co_await with->stream.async_handshake(asio::ssl::stream_base::server, quiet);
    if (std::get<0>(shaken)) co_return;
    {
        base::mutex_lock const lock(mutex_);
        ++handshakes_;
    }
    peers_.insert(with.get());
    try {
#ifdef EQUINIX_STS_HAS_HTTP2
        if (with->speaks_http2()) {
            co_await serve_http2(with);
            peers_.erase(with.get());
            co_return;
        }
#endif
        for (bool go_on = true; go_on;) {
            auto const request = co_await receive(with);
            if (!request) break;
            go_on = co_await respond(with, request);
        }
    } catch (boost::system::system_error const&) {
        // The client has closed the connection in the middle of something, as it may.
    }
    peers_.erase(with.get());
}

/// The next request; null when the client sends no more.
asio::awaitable<std::shared_ptr<mock_server::received>> mock_server::receive(std::shared_ptr<peer> from) {
    http::request_parser<http::string_body> parser;
    parser.eager(true);
    auto const request = std::make_shared<received>();
    bool invited = false; // told to send its body
    while (!parser.is_done()) {
        error_code ec;
        auto const used = parser.put(asio::buffer(from->buffer), ec);
        request->raw.append(from->buffer, 0, used);
        from->buffer.erase(0, used);
        if (ec && ec != http::error::need_more) {
            request->well_formed = false;
            co_return request;
        }
        if (parser.is_done()) break;
        if (parser.is_header_done() && !invited && parser.get()[http::field::expect] == "100-continue") {
            invited = true;
            co_await send(from, "HTTP/1.1 100 Continue\r\n\r\n", 0);
        }
        from->idle = request->raw.empty() && from->buffer.empty();
        std::array<char, 16384> block; // NOLINT: filled by the read
        auto const got = co_await from->stream.async_read_some(asio::buffer(block), quiet);
        from->idle = false;
        if (std::get<0>(got)) {
            co_await close(from);
            co_return nullptr;
        }
        from->buffer.append(block.data(), std::get<1>(got));
    }
    request->message = parser.release();
    // RFC 9112 section 3.2: exactly one Host.
    if (request->message.version() == 11)
        request->well_formed = request->message.count(http::field::host) == 1;
    co_return request;
}

mock_answer mock_server::answer_for(std::string raw_request, bool takes_next) {
    base::mutex_lock const lock(mutex_);
    ++requests_;
    request_came_.notify_all();
    raw_requests_.push_back(std::move(raw_request));
    if (raw_requests_.size() > kept_requests) raw_requests_.pop_front();
    if (next_.empty() || !takes_next) return always_ ? *always_ : mock_answer::genuine();
    auto answer = std::move(next_.front());
    next_.pop_front();
    return answer;
}

std::string mock_server::render(mock_answer const& answer, received const& request) const {
    if (answer.raw_) return *answer.raw_;
    auto const& message = request.message;
    std::string proofs;
    for (auto const& field : message)
        if (base::iequals(view(field.name_string()), "dpop"))
            proofs.append(proofs.empty() ? "" : ",").append(view(field.value()));
    endpoint_request const asked{view(message.method_string()),
                                 view(message.target()),
                                 view(message[http::field::content_type]),
                                 view(message[http::field::authorization]),
                                 message.body(),
                                 view(message[http::field::host]),
                                 proofs};
    auto const content = content_of(answer, request.well_formed ? &asked : nullptr);
    auto text = "HTTP/1.1 " + std::to_string(content.status) + " " +
                std::string(view(http::obsolete_reason(http::int_to_status(content.status)))) + "\r\n";
    for (auto const& [name, value] : content.headers)
        text.append(name).append(": ").append(value).append("\r\n");
    text += "Content-Length: " + std::to_string(content.body.size()) + "\r\n\r\n";
    return request.is_head() ? text : text + content.body;
}

/// What an answer says; `request` is null for one that is not well-formed.
endpoint_answer mock_server::content_of(mock_answer const& answer, endpoint_request const* request) const {
    endpoint_answer content;
    if (request == nullptr)
        content = {400, {{"Connection", "close"}}, ""};
    else if (answer.genuine_)
        content = rules_.answer(*request);
    if (answer.status_) content.status = *answer.status_;
    if (answer.body_) content.body = *answer.body_;
    content.headers.emplace_back("Date", http_date());
    for (auto const& [name, value] : answer.headers_)
        std::erase_if(content.headers, [&](auto const& rule) { return base::iequals(rule.first, name); });
    content.headers.insert(content.headers.end(), answer.headers_.begin(), answer.headers_.end());
    return content;
}

/// Answers a request. Returns true when the connection may carry another.
asio::awaitable<bool> mock_server::respond(std::shared_ptr<peer> to, std::shared_ptr<received> request) {
    auto const answer = answer_for(request->raw, !request->is_head());
    if (answer.delay_.count() > 0) {
        asio::steady_timer timer(context_, answer.delay_);
        co_await timer.async_wait(quiet);
    }
    if (answer.held_) {
        co_await held_.async_receive(quiet);
    }
    if (answer.stream_reset_) {
        error_code failed;
        to->stream.lowest_layer().close(failed);
        co_return false;
    }
    auto const bytes = render(answer, *request);
    auto const end = std::min(answer.end_after_, bytes.size());
    co_await send(to, std::string_view(bytes).substr(0, end), answer.pieces_);
    error_code ignored;
    auto& socket = to->stream.lowest_layer();
    switch (answer.ending_) {
    case mock_answer::ending::keep:
        if (request->well_formed && request->message.keep_alive()) co_return true;
        co_await close(to);
        break;
    case mock_answer::ending::close:
        co_await close(to);
        break;
    case mock_answer::ending::reset:
        socket.set_option(asio::socket_base::linger(true, 0), ignored);
        socket.close(ignored);
        break;
    case mock_answer::ending::cut:
        socket.close(ignored);
        break;
    }
    co_return false;
}

asio::awaitable<void> mock_server::send(std::shared_ptr<peer> to, std::string_view bytes,
                                        std::size_t pieces) {
    auto const size = pieces == 0 ? bytes.size() : pieces;
    while (!bytes.empty()) {
        auto const piece = bytes.substr(0, size);
        co_await asio::async_write(to->stream, asio::buffer(piece), asio::use_awaitable);
        bytes.remove_prefix(piece.size());
    }
}

/// Closes a connection in order, without waiting long for the client to do the same.
asio::awaitable<void> mock_server::close(std::shared_ptr<peer> with) {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer patience(context_, std::chrono::milliseconds(100));
    auto const ended = co_await (with->stream.async_shutdown(quiet) || patience.async_wait(quiet));
    static_cast<void>(ended);
    error_code ignored;
    with->stream.lowest_layer().close(ignored);
}

} // namespace equinix::sts::testing
