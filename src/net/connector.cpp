#include "net/connector.hpp"

#include "base/descriptor.hpp"
#include "base/failure.hpp"
#include "net/local_address.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace equinix::sts::net {

namespace asio = boost::asio;
using asio::ip::address;
using boost::system::error_code;

namespace {

constexpr auto stagger = std::chrono::milliseconds(250); // RFC 8305 section 8

/// The addresses that need no look-up: a literal address, and loopback for its reserved names (RFC 6761
/// section 6.3), which not every system's resolver knows.
std::vector<address> known_addresses(destination const& to) {
    if (to.is_ip_address) return {asio::ip::make_address(to.host)};
    std::string_view host = to.host;
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host != "localhost" && !host.ends_with(".localhost")) return {};
    return {asio::ip::address_v6::loopback(), asio::ip::address_v4::loopback()};
}

/// Opens a socket for one connection of one process.
void prepare(connector::tcp::socket& socket, connector::tcp::endpoint const& to, error_code& ec) {
    // Not through Asio: another thread may fork and exec between its `socket()` and setting the flag.
    base::descriptor opened(::socket(to.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
    if (!opened.is_open()) {
        ec.assign(errno, boost::system::system_category());
        return;
    }
    socket.assign(to.protocol(), opened.get(), ec);
    if (ec) return;
    opened.release();
    socket.non_blocking(true, ec);
    if (!ec) socket.set_option(connector::tcp::no_delay(true), ec);
}

/// Asio has registered the socket for writing, to connect it, and would report at each wait that it can be
/// written to. Registers it again.
void register_anew(connector::tcp::socket& socket, connector::tcp const& protocol, error_code& ec) {
    base::descriptor owned(socket.release(ec));
    if (ec) return;
    socket.assign(protocol, owned.get(), ec);
    if (ec) return;
    owned.release();
    socket.non_blocking(true, ec);
}

bool is_system_limit(error_code ec) {
    namespace errc = boost::system::errc;
    return ec == errc::too_many_files_open || ec == errc::too_many_files_open_in_system ||
           ec == errc::no_buffer_space || ec == errc::not_enough_memory;
}

} // namespace

connector::connector(asio::any_io_executor executor, bool thread_safe,
                     std::shared_ptr<host_addresses> addresses)
    : mutex_(thread_safe), executor_(std::move(executor)), book_(std::move(addresses)) {}

void connector::start(destination to, resolver& names, handler done) {
    base::mutex_lock held(mutex_);
    if (canceled_) return;
    BOOST_ASSERT(!done_ && !race_ && !lookup_); // once
    to_ = std::move(to);
    done_ = std::move(done);
    try {
        auto const known = known_addresses(to_);
        if (known.empty()) {
            look_up(names);
        } else {
            race(known);
        }
    } catch (...) {
        if (lookup_) lookup_->cancel();
        open_.clear();
        done_ = nullptr;
        throw;
    }
    // It is known immediately if there is no thread, or if no address can even be tried.
    unlock_and_tell(held);
}

void connector::look_up(resolver& names) {
    lookup_ = std::make_shared<lookup>(
        executor_, [self = shared_from_this()](lookup::answer_ptr const& name) { self->resolved(*name); });
    try {
        names.start(to_.host, lookup_);
    } catch (std::system_error const& no_thread) {
        lookup_->cancel();
        outcome_ =
            base::failure(error_kind::network, phase::dns,
                          "no thread could be started to look up the host of " + to_.role + ", " + to_.host,
                          {no_thread.code().value(), boost::system::system_category()});
    }
}

void connector::cancel() noexcept {
    handler forgotten;
    base::mutex_lock const held(mutex_);
    canceled_ = true;
    done_.swap(forgotten);
    if (lookup_) lookup_->cancel();
    stagger_.reset();
    open_.clear();
}

void connector::time_out() noexcept {
    base::mutex_lock const held(mutex_);
    for (auto const& one : open_)
        book_->failed(bytes_of(one.to.address()));
}

phase connector::stage() const {
    base::mutex_lock const held(mutex_);
    return stage_;
}

void connector::resolved(resolved_name const& name) {
    base::mutex_lock held(mutex_);
    if (!done_) return;
    try {
        lookup_.reset();
        if (name.error)
            outcome_ = base::failure(error_kind::dns, phase::dns,
                                     "the host of " + to_.role + ", " + to_.host + ", cannot be resolved",
                                     name.error);
        else
            race(name.addresses);
    } catch (std::exception const&) {
        without_memory();
    }
    unlock_and_tell(held);
}

/// Tries the first address now, and the others in their turn.
void connector::race(std::vector<address> const& addresses) {
    stage_ = phase::connect;
    auto usable = addresses;
    if (to_.plain) std::erase_if(usable, [](address const& one) { return !is_local(one); });
    if (usable.empty()) {
        outcome_ = base::failure(error_kind::config, phase::connect,
                                 "the host of " + to_.role + ", " + to_.host +
                                     ", has no loopback or link-local address; other addresses require TLS");
        return;
    }
    std::vector<bool> is_v6;
    is_v6.reserve(usable.size());
    for (auto const& one : usable)
        is_v6.push_back(one.is_v6());
    std::vector<tcp::endpoint> mixed;
    std::vector<core::address_bytes> bytes;
    for (auto const index : core::interleave_families(is_v6)) {
        mixed.emplace_back(usable[index], to_.port);
        bytes.push_back(bytes_of(usable[index]));
    }
    auto const order = book_->arrange(bytes);
    for (auto const index : order)
        addresses_.push_back(mixed[index]);
    race_.emplace(addresses_.size());
    make(race_->begin());
}

void connector::make(core::connect_race::move next) {
    while (next.start && !try_address(*next.start))
        next = race_->failed();
    if (next.lost) {
        outcome_ = no_connection();
    } else if (next.wait) {
        if (!stagger_) stagger_.emplace(executor_);
        stagger_->expires_after(stagger);
        stagger_->async_wait([self = shared_from_this(), generation = ++stagger_generation_](error_code ec) {
            if (!ec) self->waited(generation);
        });
    } else {
        ++stagger_generation_;
        if (stagger_) stagger_->cancel();
    }
}

/// Returns false when it has failed already.
bool connector::try_address(std::size_t index) {
    auto const& to = addresses_[index];
    auto const at = open_.insert(open_.end(), {tcp::socket(executor_), to});
    prepare(at->socket, to, last_error_);
    if (last_error_) {
        if (!is_system_limit(last_error_)) book_->failed(bytes_of(to.address()));
        open_.erase(at);
        return false;
    }
    at->socket.async_connect(to, [self = shared_from_this(), at](error_code ec) { self->connected(at, ec); });
    return true;
}

void connector::connected(attempts::iterator at, error_code ec) {
    base::mutex_lock held(mutex_);
    if (!done_) return; // `at` no longer exists
    if (!ec) register_anew(at->socket, at->to.protocol(), ec);
    try {
        if (ec) {
            last_error_ = ec;
            if (!is_system_limit(ec)) book_->failed(bytes_of(at->to.address()));
            open_.erase(at);
            make(race_->failed());
        } else {
            for (auto other = open_.begin(); other != at; ++other) // they had a start, and did not answer
                book_->failed(bytes_of(other->to.address()));
            outcome_ = std::move(*at);
        }
    } catch (std::exception const&) {
        without_memory();
    }
    unlock_and_tell(held);
}

void connector::waited(unsigned generation) {
    base::mutex_lock held(mutex_);
    if (!done_ || generation != stagger_generation_) return;
    try {
        make(race_->waited());
    } catch (std::exception const&) {
        without_memory();
    }
    unlock_and_tell(held);
}

error_info connector::no_connection() const {
    if (is_system_limit(last_error_))
        return base::failure(error_kind::network, phase::connect,
                             "the system has no file descriptor or memory left for a connection",
                             last_error_);
    return base::failure(error_kind::connect, phase::connect,
                         "no TCP connection to " + to_.role + ", " + to_.host + " port " +
                             std::to_string(to_.port),
                         last_error_);
}

void connector::without_memory() noexcept {
    outcome_ = base::without_memory(stage_);
}

/// Reports the outcome if there is one.
void connector::unlock_and_tell(base::mutex_lock& held) STS_NOT_ANALYZED {
    if (!outcome_) return held.unlock();
    auto const done = std::exchange(done_, nullptr);
    auto outcome = std::move(*outcome_);
    stagger_.reset();
    open_.clear();
    held.unlock();
    done(std::move(outcome));
}

} // namespace equinix::sts::net
