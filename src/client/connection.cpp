#include "client/connection.hpp"

#include "core/failure.hpp"

#include <new>

namespace equinix::sts::client_detail {
namespace {

step_result waiting(net::session_step step) {
    return step == net::session_step::want_write ? step_result::wait_write : step_result::wait_read;
}

bool would_wait(net::session_step step) {
    return step == net::session_step::want_read || step == net::session_step::want_write;
}

} // namespace

void connection::begin_tls(boost::asio::ip::tcp::socket connected,
                           std::shared_ptr<net::tls_context const> const& tls,
                           client_options const& options) {
    auto const& to = options.endpoint;
    auto const descriptor = connected.native_handle();
    socket = std::move(connected);
    session.emplace(tls, descriptor, to.host(), to.is_ip_address(),
                    net::session_limits{options.max_head, options.max_body});
    is_at = stage::handshaking;
}

step_result connection::step(operation* op) noexcept try {
    if (is_at == stage::handshaking) {
        auto const step = session->handshake();
        if (would_wait(step)) return waiting(step);
        return step == net::session_step::done ? step_result::opened : step_result::open_failed;
    }
    if (op == nullptr) return session->still_idle() ? step_result::wait_read : step_result::lost;
    if (serving != op) {
        serving = op;
        op->requested = now_on_both_clocks();
        session->start(op->bytes);
        // What lies in the socket of a connection that was used before can be no answer to this request.
        if (reused && !session->still_idle()) return step_result::broken;
    }
    auto const step = session->advance();
    op->sent = op->sent || session->request_sent();
    if (would_wait(step)) return waiting(step);
    if (step == net::session_step::failed) return step_result::broken;
    op->outcome = op->judge(session->answer());
    reusable = session->finish();
    serving = nullptr;
    return step_result::answered;
} catch (std::bad_alloc const&) {
    without_memory();
    if (is_at == stage::handshaking) return step_result::open_failed;
    return op != nullptr ? step_result::broken : step_result::lost;
}

error_info const& connection::without_memory() noexcept {
    auto& info = out_of_memory.emplace(); // no text: that would need memory
    info.kind = error_kind::network;
    info.code = make_error_code(boost::system::errc::not_enough_memory);
    return info;
}

void connection::shut() noexcept {
    if (connector) connector->cancel();
    if (session) session->close();
    boost::system::error_code ignored;
    if (socket) socket->close(ignored);
}

} // namespace equinix::sts::client_detail
