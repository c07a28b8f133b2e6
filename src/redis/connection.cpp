#include "redis/connection.hpp"

#include "base/descriptor.hpp"
#include "base/failure.hpp"
#include "base/saturating.hpp"
#include "net/connector.hpp"
#include "net/plain_stream.hpp"
#include "net/tls_stream.hpp"
#include "redis/words.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

namespace equinix::sts::redis_detail {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using net::io_step;

namespace {

constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

[[noreturn]] void fail(error_kind kind, std::string_view message, boost::system::error_code code = {}) {
    throw error(base::failure(kind, phase::store, message, code));
}

error_info late() {
    return base::failure(error_kind::timeout, phase::store, "the token store did not reply in time");
}

asio::awaitable<redis_host> found(redis_host host) {
    co_return host;
}

/// Cancels an attempt also where its waiter is destroyed with the context.
class cancel_at_the_end {
public:
    explicit cancel_at_the_end(std::shared_ptr<net::connector> what) : what_(std::move(what)) {}
    cancel_at_the_end(cancel_at_the_end const&) = delete;
    cancel_at_the_end& operator=(cancel_at_the_end const&) = delete;
    ~cancel_at_the_end() { what_->cancel(); }

private:
    std::shared_ptr<net::connector> what_;
};

/// The error of a reply to a command that must not fail.
void expect_success(reply const& got) {
    if (got.is_error()) throw error(described(got));
}

/// Right after a fail-over, sentinels may still name the old master.
void expect_master(reply const& role) {
    if (role.is != reply::type::array || role.elements.empty() || role.elements.front().text != "master")
        fail(error_kind::unavailable, "the sentinels name a server that is not, or no longer, the master");
}

} // namespace

connection::connection(std::shared_ptr<connecting> shared, finder where, std::string unix_socket, login as)
    : shared_(std::move(shared)), where_(std::move(where)), unix_socket_(std::move(unix_socket)),
      login_(std::move(as)), timer_(shared_->on) {}

connection::~connection() {
    close();
}

connection::finder connection::at(std::vector<redis_host> hosts) {
    auto const next = std::make_shared<std::size_t>(0);
    return [hosts = std::move(hosts), next](time_point) { return found(hosts[(*next)++ % hosts.size()]); };
}

// ---- commands ---------------------------------------------------------------------------------------

asio::awaitable<result<reply>> connection::ask(std::vector<std::string> command, store_bounds within,
                                               bool redirected) {
    auto const one = std::make_shared<pending>();
    std::vector<std::string_view> const parts(command.begin(), command.end());
    if (redirected) append_command(one->bytes, {"ASKING"}); // holds for the command right behind it only
    append_command(one->bytes, parts);
    one->skips_one = redirected;
    auto const now = clock::now();
    one->deadline = base::after(now, ready_ ? within.command : within.connect + within.command);
    bounds_ = within;
    pending_.push_back(one);
    if (driven_) {
        if (socket_) socket_->cancel(); // it is sent with the others
        asio::steady_timer waits(shared_->on, time_point::max());
        one->waits = &waits;
        while (!one->answer)
            co_await waits.async_wait(quiet);
        one->waits = nullptr;
        co_return std::move(*one->answer);
    }
    driven_ = true;
    try {
        co_await drive(one);
        if (!pending_.empty()) // others', for which this caller need not wait
            asio::co_spawn(shared_->on, go_on(shared_from_this()), asio::detached);
        else
            driven_ = false;
    } catch (std::exception const&) {
        driven_ = false;
        give_up(base::without_memory(phase::store));
    }
    co_return std::move(*one->answer);
}

void connection::drop() {
    close();
}

/// For the commands of others than the one who drove the connection so far.
asio::awaitable<void> connection::go_on(std::shared_ptr<connection> self) {
    try {
        while (!self->pending_.empty()) {
            auto const one = self->pending_.front();
            co_await self->drive(one);
        }
    } catch (std::exception const&) {
        self->give_up(base::without_memory(phase::store));
    }
    self->driven_ = false;
}

/// Sends and receives for all until one command has its answer. Fails all if that fails.
asio::awaitable<void> connection::drive(pending_ptr one) {
    std::optional<error_info> why;
    try {
        bool const idle = !pending_.front()->is_sent;
        if (stream_ && idle && !stream_->is_quiet()) close(); // by the server, or it said what nobody asked
        while (!one->answer) {
            if (!stream_) {
                co_await open(base::after(clock::now(), bounds_.connect));
                for (auto const& each : pending_)
                    each->deadline = base::after(clock::now(), bounds_.command);
            }
            auto const step = transfer();
            if (one->answer) break;
            if (step == io_step::failed || step == io_step::eof) fail_by_stream(step);
            auto const until = pending_.front()->deadline;
            if (clock::now() >= until) throw error(late());
            co_await wait(step, until);
            if (!stream_) // dropped meanwhile
                fail_sent(base::failure(error_kind::network, phase::store,
                                        "the connection to the token store was given up"));
        }
    } catch (error const& failed) {
        why = base::copy_of(failed.info());
    } catch (std::exception const&) {
        why = base::without_memory(phase::store);
    }
    if (why) give_up(*why);
}

/// Sends and receives what can be without waiting; returns what to wait for.
io_step connection::transfer() {
    for (auto const& one : pending_)
        if (!one->is_sent) {
            base::append(out_, base::view(one->bytes));
            one->is_sent = true;
        }
    auto const written = write();
    if (written == io_step::failed || written == io_step::eof) return written;
    auto const read_step = read();
    if (read_step == io_step::failed || read_step == io_step::eof) return read_step;
    return written == io_step::want_write || read_step == io_step::want_write ? io_step::want_write
                                                                              : io_step::want_read;
}

io_step connection::write() {
    while (sent_ < out_.size()) {
        auto const put = stream_->write({out_.data() + sent_, out_.size() - sent_});
        if (put.step != io_step::done) return put.step;
        sent_ += put.bytes;
    }
    base::wipe_and_shrink(out_);
    sent_ = 0;
    return io_step::done;
}

io_step connection::read() {
    std::array<char, 16384> block; // NOLINT: filled by the read
    for (;;) {
        auto const got = stream_->read(block);
        if (got.step != io_step::done) return got.step;
        if (!reader_->feed({block.data(), got.bytes}))
            fail(error_kind::protocol,
                 "the token store did not reply as Redis does, or with more than 1 MiB");
        take_replies();
        if (!pending_.empty()) continue;
        stream_->release_memory();
        return io_step::want_read;
    }
}

void connection::take_replies() {
    while (auto got = reader_->next()) {
        if (pending_.empty() || !pending_.front()->is_sent)
            fail(error_kind::protocol, "the token store sent a reply to no command");
        if (std::exchange(pending_.front()->skips_one, false)) continue;
        auto const one = std::move(pending_.front());
        pending_.pop_front();
        one->answer.emplace(std::move(*got));
        if (one->waits != nullptr) one->waits->cancel();
    }
    if (reader_->is_broken()) fail(error_kind::protocol, "the token store did not reply as Redis does");
}

/// Of commands that were not sent yet another connection takes care.
void connection::fail_sent(error_info const& why) {
    std::list<pending_ptr> unsent;
    while (!pending_.empty() && !pending_.back()->is_sent)
        unsent.splice(unsent.begin(), pending_, std::prev(pending_.end()));
    fail_all(why);
    pending_.splice(pending_.begin(), unsent);
}

void connection::give_up(error_info const& why) {
    close();
    fail_all(why);
}

void connection::fail_all(error_info const& why) {
    auto all = std::exchange(pending_, {});
    for (auto const& one : all) {
        auto mine = base::copy_of(why);
        // Whether the server has executed the command is not known.
        if (one->is_sent && mine.kind == error_kind::network) mine.kind = error_kind::timeout;
        one->answer.emplace(std::move(mine));
        if (one->waits != nullptr) one->waits->cancel();
    }
}

void connection::fail_by_stream(io_step how) const {
    if (how == io_step::eof) fail(error_kind::network, "the token store closed the connection");
    auto const& why = stream_->failure();
    fail(why.by_tls ? error_kind::tls : error_kind::network, why.message, why.code);
}

void connection::close() {
    if (stream_) stream_->say_goodbye();
    stream_.reset();
    ready_ = false;
    reader_.reset();
    base::wipe_and_shrink(out_);
    sent_ = 0;
    if (socket_) {
        boost::system::error_code ignored;
        socket_->close(ignored); // ends a wait
        socket_.reset();
    }
}

/// Waits until the socket is ready, or until a time, or until it is cancelled.
asio::awaitable<void> connection::wait(io_step what, time_point until) {
    using descriptor = asio::posix::stream_descriptor;
    timer_.expires_at(until);
    timer_.async_wait([weak = weak_from_this()](boost::system::error_code ended) {
        auto const self = weak.lock();
        if (self && !ended && self->socket_) self->socket_->cancel();
    });
    auto const kind = what == io_step::want_write ? descriptor::wait_write : descriptor::wait_read;
    co_await socket_->async_wait(kind, quiet);
    timer_.cancel();
}

// ---- opening ----------------------------------------------------------------------------------------

asio::awaitable<void> connection::open(time_point deadline) {
    int file = -1;
    std::string host;
    if (unix_socket_.empty()) {
        auto const to = co_await where_(deadline);
        host = to.name;
        auto const connected = co_await connect_tcp(to, deadline);
        file = connected;
    } else {
        file = connect_unix();
    }
    socket_.emplace(shared_->on, file);
    reader_.emplace();
    if (shared_->tls) {
        boost::system::error_code no_address;
        asio::ip::make_address(host, no_address);
        // No session is resumed: a session of another host would vouch for this one.
        stream_ = std::make_unique<net::tls_stream>(shared_->tls, file, host, !no_address, false);
    } else {
        stream_ = std::make_unique<net::plain_stream>(file);
    }
    for (;;) {
        auto const step = stream_->handshake();
        if (step == io_step::done) break;
        if (step == io_step::failed || step == io_step::eof) fail_by_stream(step);
        if (clock::now() >= deadline)
            fail(error_kind::connect,
                 "TLS to the token store was not set up in time: the port may be one without TLS");
        co_await wait(step, deadline);
        if (!stream_) fail(error_kind::network, "the connection to the token store was given up");
    }
    co_await log_in(deadline);
    stream_->release_memory();
    ready_ = true;
}

/// Returns the socket's descriptor.
asio::awaitable<int> connection::connect_tcp(redis_host to, time_point deadline) {
    net::destination where;
    where.host = to.name;
    where.port = to.port;
    boost::system::error_code no_address;
    asio::ip::make_address(to.name, no_address);
    where.is_ip_address = !no_address;
    where.role = "the token store";
    asio::steady_timer waits(shared_->on, deadline);
    std::optional<result<int>> came;
    auto const attempt =
        std::make_shared<net::connector>(shared_->on, true, std::make_shared<net::host_addresses>(true));
    cancel_at_the_end const guard(attempt);
    attempt->start(where, shared_->names, [&](result<net::connector::connection> got) {
        if (got.has_error())
            came.emplace(got.error());
        else
            came.emplace(got->socket.release());
        waits.cancel();
    });
    co_await waits.async_wait(quiet);
    if (!came) fail(error_kind::connect, "no connection to the token store was opened in time");
    if (came->has_error()) {
        auto why = came->error();
        why.phase = phase::store;
        throw error(std::move(why));
    }
    co_return **came;
}

int connection::connect_unix() const {
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, unix_socket_.data(), unix_socket_.size()); // its size was checked
    base::descriptor file(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    auto const* const generic = reinterpret_cast<::sockaddr const*>(&address); // NOLINT: the socket API
    if (!file.is_open() || ::connect(file.get(), generic, sizeof(address)) != 0)
        fail(error_kind::connect, "no connection to the token store's socket " + unix_socket_,
             {errno, boost::system::system_category()});
    return file.release();
}

/// Sends what precedes all commands, in one piece, and waits for the replies.
asio::awaitable<void> connection::log_in(time_point deadline) {
    std::size_t replies = 0;
    auto const add = [&](std::vector<std::string_view> const& command) {
        append_command(out_, command);
        ++replies;
    };
    if (!login_.user.empty())
        add({"AUTH", login_.user, login_.password.reveal()});
    else if (!login_.password.empty())
        add({"AUTH", login_.password.reveal()});
    auto const database = std::to_string(login_.database);
    if (login_.database != 0) add({"SELECT", database});
    if (login_.must_be_master) add({"ROLE"});
    while (replies != 0) {
        auto step = write();
        if (step == io_step::done) {
            std::array<char, 512> block; // NOLINT: filled by the read
            auto const got = stream_->read(block);
            step = got.step;
            if (step == io_step::done && !reader_->feed({block.data(), got.bytes}))
                fail(error_kind::protocol, "the token store did not reply as Redis does");
            for (auto one = reader_->next(); one; one = reader_->next()) {
                expect_success(*one);
                if (replies == 0) fail(error_kind::protocol, "the token store sent too many replies");
                if (--replies == 0 && login_.must_be_master) expect_master(*one);
            }
            if (step == io_step::done) continue;
        }
        if (step == io_step::eof)
            fail(error_kind::network,
                 "the token store closed the connection at once: its port may be one with TLS");
        if (step == io_step::failed) fail_by_stream(step);
        if (clock::now() >= deadline)
            fail(error_kind::connect, "the log-in to the token store did not finish in time");
        co_await wait(step, deadline);
        if (!stream_) fail(error_kind::network, "the connection to the token store was given up");
    }
}

} // namespace equinix::sts::redis_detail
