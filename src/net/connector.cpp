#include "net/connector.hpp"

#include "core/failure.hpp"

#include <string_view>
#include <vector>

namespace equinix::sts::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// The addresses that need no look-up: a literal one, and the loopback's for its reserved names (RFC 6761
/// section 6.3), which not every system's resolver knows.
std::vector<connector::tcp::endpoint> known_addresses(std::string_view host, std::uint16_t port,
                                                      bool is_ip_address) {
    if (is_ip_address) return {{asio::ip::make_address(host), port}};
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host != "localhost" && !host.ends_with(".localhost")) return {};
    return {{asio::ip::address_v6::loopback(), port}, {asio::ip::address_v4::loopback(), port}};
}

} // namespace

connector::connector(asio::any_io_executor executor, bool thread_safe)
    : mutex_(thread_safe), resolver_(executor), socket_(executor) {}

void connector::start(std::string const& host, std::uint16_t port, bool is_ip_address, handler done) {
    lock held(mutex_);
    if (canceled_) return;
    done_ = std::move(done);
    auto const known = known_addresses(host, port, is_ip_address);
    if (!known.empty()) {
        addresses_ =
            tcp::resolver::results_type::create(known.begin(), known.end(), host, std::to_string(port));
        next_ = addresses_.begin();
        connect_next(std::move(held));
        return;
    }
    resolver_.async_resolve(
        host, std::to_string(port), tcp::resolver::numeric_service,
        [self = shared_from_this()](error_code ec, tcp::resolver::results_type addresses) {
            self->resolved(ec, std::move(addresses));
        });
}

void connector::cancel() noexcept {
    lock const held(mutex_);
    canceled_ = true;
    done_ = nullptr;
    resolver_.cancel();
    error_code ignored;
    socket_.close(ignored);
}

phase connector::stage() const {
    lock const held(mutex_);
    return stage_;
}

void connector::resolved(error_code ec, tcp::resolver::results_type addresses) {
    lock held(mutex_);
    if (!done_) return;
    if (ec) {
        finish(std::move(held),
               core::failure(error_kind::dns, phase::dns, "the endpoint's host cannot be resolved", ec));
        return;
    }
    addresses_ = std::move(addresses);
    next_ = addresses_.begin();
    connect_next(std::move(held));
}

void connector::connect_next(lock held) {
    stage_ = phase::connect;
    error_code ec;
    for (; next_ != addresses_.end(); ++next_) {
        socket_.close(ec);
        socket_.open(next_->endpoint().protocol(), ec);
        if (!ec) socket_.non_blocking(true, ec);
        if (!ec) socket_.set_option(tcp::no_delay(true), ec);
        if (ec) {
            last_error_ = ec;
            continue;
        }
        auto const address = next_->endpoint();
        ++next_;
        socket_.async_connect(address, [self = shared_from_this()](error_code why) { self->connected(why); });
        return;
    }
    auto const system_limit = last_error_ == asio::error::no_descriptors ||
                              last_error_ == boost::system::errc::too_many_files_open_in_system;
    auto failed = system_limit
                      ? core::failure(error_kind::network, phase::connect,
                                      "the system has no descriptor left for a connection", last_error_)
                      : core::failure(error_kind::connect, phase::connect,
                                      "no TCP connection to the endpoint", last_error_);
    finish(std::move(held), std::move(failed));
}

void connector::connected(error_code ec) {
    lock held(mutex_);
    if (!done_) return;
    if (ec) {
        last_error_ = ec;
        connect_next(std::move(held));
        return;
    }
    finish(std::move(held), std::move(socket_));
}

void connector::finish(lock held, result<tcp::socket> outcome) {
    auto const done = std::exchange(done_, nullptr);
    held.unlock();
    done(std::move(outcome));
}

} // namespace equinix::sts::net
