#include "client/pool_events.hpp"

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

} // namespace

void event_teller::add_attempt_began(event_log& log, operation& op, connection const* conn) noexcept {
    op.attempt_connection = conn != nullptr ? conn->number : 0;
    if (conn != nullptr && conn->reused) {
        auto reused = event_now(event_type::connection_reused);
        name(reused, op);
        reused.connection = conn->number;
        log.add(reused, op.source);
    }
    if (op.attempt_began) return;
    auto made = event_now(event_type::attempt_began);
    name(made, op);
    made.connection = op.attempt_connection;
    op.attempt_began = conn != nullptr ? made.at : op.wanted_connection;
    log.add(made, op.source);
}

void event_teller::add_attempt_ended(event_log& log, operation& op, error_info const* why) noexcept {
    auto made = event_now(event_type::attempt_ended);
    name(made, op);
    made.connection = op.attempt_connection;
    made.duration = made.at - *op.attempt_began;
    if (why != nullptr) explain(made, *why);
    op.attempt_began.reset();
    log.add(made, op.source);
}

void event_teller::add_retry_scheduled(event_log& log, operation const& op,
                                       base::clock::time_point now) noexcept {
    auto made = at(event_type::retry_scheduled, now);
    name(made, op);
    made.duration = op.fsm.resume_at() - now;
    log.add(made, op.source);
}

void event_teller::add_opened(event_log& log, connection const& conn) noexcept {
    auto made =
        event_now(conn.session->resumed() ? event_type::connection_resumed : event_type::connection_opened);
    made.connection = conn.number;
    made.duration = made.at - conn.opening_since;
    log.add(made);
}

void event_teller::add_dropped(event_log& log, connection const& conn) noexcept {
    if (conn.is_at != connection::stage::ready) return;
    auto made = event_now(event_type::connection_dropped);
    made.connection = conn.number;
    log.add(made);
}

void event_teller::add_open_failed(event_log& log, connection const* conn, error_info const& why) noexcept {
    auto made = event_now(event_type::connection_failed);
    if (conn != nullptr) {
        made.connection = conn->number;
        made.duration = made.at - conn->opening_since;
    }
    explain(made, why);
    log.add(made);
}

} // namespace equinix::sts::client_detail
