#include "client/connection.hpp"

#include "base/failure.hpp"
#include "net/plain_stream.hpp"
#include "net/tls_stream.hpp"

#include <boost/assert.hpp>

#include <exception>

namespace equinix::sts::client_detail {
namespace {

step_result waiting(net::session_step step) {
    return step == net::session_step::want_write ? step_result::wait_write : step_result::wait_read;
}

bool would_wait(net::session_step step) {
    return step == net::session_step::want_read || step == net::session_step::want_write;
}

} // namespace

void connection::begin(boost::asio::ip::tcp::socket connected,
                       std::shared_ptr<net::tls_context const> trust) {
    BOOST_ASSERT(is_at == stage::connecting && !driving && !dead);
    socket = std::move(connected);
    tls = std::move(trust);
    is_at = options.proxy ? stage::tunneling : stage::handshaking;
}

step_result connection::step(operation* op, base::wiped_buffer& room, bool known_quiet) noexcept try {
    BOOST_ASSERT(driving && !dead && is_at != stage::connecting);
    if (is_at == stage::tunneling) return open_tunnel();
    if (is_at == stage::handshaking) return shake_hands();
    BOOST_ASSERT(!streams);
    if (op == nullptr) return session->still_idle() ? step_result::wait_read : step_result::lost;
    if (serving != op) {
        serving = op;
        op->requested = now_on_both_clocks();
        request.swap(room);
        op->write_request(request);
        session->start(request);
        // Whatever a reused connection has received by now cannot be an answer to this request.
        if (reused && !session->may_serve(known_quiet)) return step_result::broken;
    }
    auto const step = session->advance();
    if (session->request_sent()) op->fsm.request_sent();
    if (session->request_complete() && request.capacity() != 0) {
        base::wipe_and_shrink(request); // while it is in the CPU's cache
        if (room.capacity() == 0) room.swap(request);
        base::wiped_buffer().swap(request);
    }
    if (would_wait(step)) return waiting(step);
    if (step == net::session_step::failed) return step_result::broken;
    own_failure = op->judge(session->answer());
    reusable = session->finish();
    serving = nullptr;
    return step_result::answered;
} catch (std::exception const& why) {
    auto const* const known = dynamic_cast<error const*>(&why);
    if (known != nullptr)
        refused(known->info());
    else
        without_memory();
    if (is_at != stage::ready) return step_result::open_failed;
    if (op != nullptr && serving == op && session->request_sent()) op->fsm.request_sent();
    return op != nullptr ? step_result::broken : step_result::lost;
}

step_result connection::open_tunnel() {
    if (!tunnel) tunnel.emplace(socket->native_handle(), origin.host, origin.port, options);
    switch (tunnel->advance()) {
    case net::tunnel_step::want_write:
        return step_result::wait_write;
    case net::tunnel_step::failed:
        return step_result::open_failed;
    case net::tunnel_step::done:
        return step_result::tunneled;
    case net::tunnel_step::want_read:
        break;
    }
    return step_result::wait_read;
}

step_result connection::shake_hands() {
    tunnel.reset(); // and with it the proxy's password
    if (!session) session.emplace(make_stream(), options.limits);
    auto const step = session->handshake();
    if (would_wait(step)) return waiting(step);
    if (step != net::session_step::done) return step_result::open_failed;
    if (session->speaks_http2()) {
        auto shared = session->release_stream();
        session.reset();
        streams.emplace(std::move(shared), options.limits);
    }
    return step_result::opened;
}

std::unique_ptr<net::stream> connection::make_stream() {
    auto const descriptor = socket->native_handle();
    if (origin.plain) return std::make_unique<net::plain_stream>(descriptor);
    return std::make_unique<net::tls_stream>(tls, descriptor, origin.host, origin.is_ip_address,
                                             replaces.resume, only_http1);
}

error_info const& connection::failure() const noexcept {
    if (own_failure) return *own_failure;
    if (streams) return streams->session().failure();
    BOOST_ASSERT(session || tunnel);
    return session ? session->failure() : tunnel->failure();
}

error_info const& connection::without_memory() noexcept {
    auto const where = is_at == stage::tunneling     ? phase::proxy
                       : is_at == stage::handshaking ? phase::tls
                                                     : phase::write;
    return own_failure.emplace(base::without_memory(where));
}

error_info const& connection::refused(error_info const& why) noexcept {
    return own_failure.emplace(base::copy_of(why));
}

phase connection::waits_for() const noexcept {
    switch (is_at) {
    case stage::tunneling:
        return phase::proxy;
    case stage::handshaking:
        return phase::tls;
    default:
        return connector ? connector->stage() : phase::connect;
    }
}

void connection::shut(bool in_order) noexcept {
    BOOST_ASSERT(dead && !driving);
    if (connector) connector->cancel();
    if (streams && in_order)
        streams->session().close();
    else if (session && in_order)
        session->close();
    boost::system::error_code ignored;
    if (socket) socket->close(ignored);
    if (file) file->close();
}

} // namespace equinix::sts::client_detail
