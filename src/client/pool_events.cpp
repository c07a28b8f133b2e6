#include "client/pool_events.hpp"

#include <new>

namespace equinix::sts::client_detail {
namespace {

event at(event_type type, base::clock::time_point when) noexcept {
    event made;
    made.type = type;
    made.at = when;
    return made;
}

void name(event& made, operation const& op) noexcept {
    made.exchange = op.number;
    made.tag = op.tag;
    made.attempt = op.fsm.attempts();
}

/// Names the connection of an attempt.
void name_way(event& made, operation const& op) noexcept {
    made.connection = op.attempt_connection;
    made.reused = op.attempt_reused;
    made.resumed = op.attempt_resumed;
    made.http2 = op.attempt_http2;
}

/// Names a connection by itself.
void name_connection(event& made, connection const& conn) noexcept {
    made.connection = conn.number;
    made.resumed = conn.resumed;
    made.http2 = conn.shared;
}

} // namespace

void event_teller::add_attempt_began(event_log& log, operation& op, connection const* conn) noexcept {
    op.attempt_connection = conn != nullptr ? conn->number : 0;
    op.attempt_address = conn != nullptr ? conn->address_text : nullptr;
    op.attempt_reused = conn != nullptr && op.reused;
    op.attempt_resumed = conn != nullptr && conn->resumed;
    op.attempt_http2 = conn != nullptr && conn->shared;
    if (op.attempt_reused) {
        auto reused = event_now(event_type::connection_reused);
        name(reused, op);
        name_way(reused, op);
        log.add(reused, op.source, op.attempt_address);
    }
    if (op.attempt_began) return;
    auto made = event_now(event_type::attempt_began);
    name(made, op);
    name_way(made, op);
    op.attempt_began = conn != nullptr ? made.at : op.wanted_connection;
    log.add(made, op.source, op.attempt_address);
}

void event_teller::add_attempt_ended(event_log& log, operation& op, error_info const* why) noexcept {
    auto made = event_now(event_type::attempt_ended);
    name(made, op);
    name_way(made, op);
    made.duration = made.at - *op.attempt_began;
    if (why != nullptr) explain(made, *why);
    op.attempt_began.reset();
    log.add(made, op.source, op.attempt_address);
}

void event_teller::add_retry_scheduled(event_log& log, operation const& op, base::clock::time_point now,
                                       std::chrono::nanoseconds wait) noexcept {
    auto made = at(event_type::retry_scheduled, now);
    name(made, op);
    made.duration = wait;
    log.add(made, op.source);
}

void event_teller::keep_address(connection& conn, boost::asio::ip::tcp::endpoint const& to) noexcept try {
    conn.address_text = std::make_shared<std::string const>(net::text_of(to));
} catch (std::bad_alloc const&) {
    return; // the events say nothing of it then
}

void event_teller::add_opened(event_log& log, connection const& conn) noexcept {
    auto made = event_now(conn.resumed ? event_type::connection_resumed : event_type::connection_opened);
    name_connection(made, conn);
    made.duration = made.at - conn.opening_since;
    log.add(made, nullptr, conn.address_text);
}

void event_teller::add_drained(event_log& log, connection const& conn) noexcept {
    auto made = event_now(event_type::connection_drained);
    name_connection(made, conn);
    log.add(made, nullptr, conn.address_text);
}

void event_teller::add_dropped(event_log& log, connection const& conn) noexcept {
    if (conn.is_at != connection::stage::ready) return;
    auto made = event_now(event_type::connection_dropped);
    name_connection(made, conn);
    log.add(made, nullptr, conn.address_text);
}

void event_teller::add_open_failed(event_log& log, connection const* conn, error_info const& why) noexcept {
    auto made = event_now(event_type::connection_failed);
    explain(made, why);
    if (conn == nullptr) return log.add(made);
    made.connection = conn->number;
    made.duration = made.at - conn->opening_since;
    log.add(made, nullptr, conn->address_text);
}

} // namespace equinix::sts::client_detail
