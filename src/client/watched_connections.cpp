#include "client/watched_connections.hpp"

#include <boost/asio/post.hpp>

#include <exception>
#include <new>
#include <utility>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

namespace {

/// How often one handler looks before other handlers have their turn.
constexpr unsigned most_looks = 8;

/// Those whose connections this thread is serving.
thread_local constinit watched_connections const* served_here = nullptr;

} // namespace

/// Handlers of a client that is not thread-safe never run at the same time.
void watched_connections::note_thread() noexcept {
    mutex.assert_held();
    if (!thread_safe_) return;
    auto const here = std::this_thread::get_id();
    if (working_thread_ == std::thread::id()) working_thread_ = here;
    if (working_thread_ != here) several_threads_ = true;
}

void watched_connections::add(connection& conn) noexcept {
    mutex.assert_held();
    BOOST_ASSERT(!conn.watched && !conn.read_armed && !conn.write_armed);
    try {
        if (!set_) set_ = std::make_unique<socket_watch>(executor_);
        heard_.reserve(socket_watch::most_at_once);
        auto const socket = conn.socket->native_handle();
        boost::system::error_code failed;
        if (!set_->add(socket, &conn)) return drop_empty_set();
        base::descriptor released(conn.socket->release(failed));
        if (!failed) {
            conn.file.emplace(std::move(released));
            conn.watched = true;
            return;
        }
        set_->remove(socket);
        drop_empty_set();
    } catch (std::exception const&) {
        // It keeps its own wait.
    }
}

void watched_connections::remove(connection& conn, bool ours) noexcept {
    base::mutex_lock const held(mutex);
    if (!std::exchange(conn.watched, false) || !set_ || !ours) return; // a set is gone with its context
    std::erase_if(resting_, [&](connection_ptr const& one) { return one.get() == &conn; });
    set_->remove(conn.file->get());
    drop_empty_set();
}

/// Leaves no descriptor open that is not needed. Ends the wait, too.
void watched_connections::drop_empty_set() noexcept {
    if (!set_->is_empty()) return;
    set_.reset();
    resting_.clear();
    armed_ = false;
    ++number_;
}

/// Waits until a look would find something.
void watched_connections::arm() noexcept {
    if (!set_ || armed_) return;
    try {
        set_->async_wait([this, alive = owner_.share(), number = number_](boost::system::error_code) {
            on_readable(number);
        });
        armed_ = true;
    } catch (std::exception const&) {
        owner_.wake_soon();
    }
}

void watched_connections::wait_for(connection& conn, bool writing) noexcept {
    mutex.assert_held();
    BOOST_ASSERT(conn.watched);
    if (!set_) return; // gone with its context
    if (std::exchange(conn.renews, false) || writing || !conn.transport().is_drained())
        set_->renew(conn.file->get(), &conn, writing);
    if (served_here != this) arm(); // otherwise at the end
}

void watched_connections::rest(connection& conn) noexcept {
    mutex.assert_held();
    BOOST_ASSERT(conn.watched);
    if (!set_ || conn.resting) return;
    try {
        resting_.push_back(conn.shared_from_this());
        if (resting_.size() == 1)
            set_->async_rest(core::look_pace::rest, [this, alive = owner_.share(),
                                                     number = number_](boost::system::error_code ended) {
                if (!ended) on_rested(number); // otherwise another rest has begun, or the set is gone
            });
        conn.resting = true;
        if (!std::exchange(conn.renews, true)) set_->silence(conn.file->get(), &conn);
    } catch (std::exception const&) {
        if (!resting_.empty() && resting_.back().get() == &conn) resting_.pop_back();
        wait_for(conn, false);
    }
}

/// They are heard, so that a caller which holds up its thread holds up no other connection.
void watched_connections::on_rested(unsigned number) noexcept {
    std::vector<connection_ptr> now;
    {
        base::mutex_lock const held(mutex);
        if (number != number_) return;
        note_thread();
        for (auto const& conn : resting_) {
            conn->resting = false;
            conn->told = true;
        }
        if (heard_next_ == heard_.size()) {
            heard_.clear();
            heard_next_ = 0;
        }
        try {
            heard_.insert(heard_.end(), resting_.begin(), resting_.end());
            if (several_threads_ && resting_.size() > 1) call_for_help();
            resting_.clear();
        } catch (std::bad_alloc const&) {
            now.swap(resting_);
        }
    }
    for (auto const& conn : now)
        drive(conn);
    serve();
}

/// Called by a handler.
void watched_connections::drive(connection_ptr const& conn) noexcept {
    auto* const caller = owner_.drive(conn, true);
    if (caller == nullptr || caller->dispatch()) return;
    base::mutex_lock const held(mutex);
    owner_.keep_undelivered(*caller);
}

bool watched_connections::postpone(connection_ptr const& conn) noexcept {
    if (served_here != this) return false;
    base::mutex_lock const held(mutex);
    if (!conn->watched || conn->driving) return false;
    try {
        postponed_.push_back(conn);
        return true;
    } catch (std::bad_alloc const&) {
        return false;
    }
}

/// Sends what was postponed. With `look_first`, after a look at the set, which all of it waits for: a look
/// from before an exchange was postponed says nothing of its connection.
void watched_connections::send_postponed(bool look_first) noexcept {
    std::vector<connection_ptr> all;
    {
        base::mutex_lock const held(mutex);
        all.swap(postponed_);
        bool const looked = look_first && look();
        for (auto const& conn : all)
            conn->known_quiet = looked && !conn->told;
    }
    for (auto const& conn : all)
        owner_.drive(conn, false);
    all.clear();
    base::mutex_lock const held(mutex);
    if (postponed_.empty()) postponed_.swap(all); // keeps the memory
}

/// Looks at the set, unless what an earlier look has found is not served yet. Returns whether it did.
bool watched_connections::look() noexcept {
    if (!set_ || heard_next_ != heard_.size()) return false;
    heard_.clear();
    heard_next_ = 0;
    for (auto const& one : set_->look()) {
        auto& conn = *static_cast<connection*>(one.data.ptr);
        conn.told = true;
        conn.renews = (one.events & ~std::uint32_t(EPOLLIN)) != 0;
        heard_.push_back(conn.shared_from_this());
    }
    if (several_threads_ && heard_.size() > 1) call_for_help();
    return true;
}

/// Has another thread serve, too.
void watched_connections::call_for_help() noexcept {
    arm();
    if (help_called_) return;
    try {
        asio::post(executor_, [this, alive = owner_.share()] { help(); });
        help_called_ = true;
    } catch (std::exception const&) {
        owner_.wake_soon();
    }
}

void watched_connections::help() noexcept {
    {
        base::mutex_lock const held(mutex);
        help_called_ = false;
    }
    serve();
}

watched_connections::connection_ptr watched_connections::next_heard() noexcept {
    base::mutex_lock const held(mutex);
    return heard_next_ != heard_.size() ? std::move(heard_[heard_next_++]) : nullptr;
}

/// Drives the connections that a look has found. Returns false when there are none.
bool watched_connections::serve_heard() noexcept {
    bool any = false;
    while (auto const conn = next_heard()) {
        any = true;
        drive(conn);
    }
    return any;
}

/// The wait for the set with this number is over.
void watched_connections::on_readable(unsigned number) noexcept {
    {
        base::mutex_lock const held(mutex);
        if (number != number_) return;
        armed_ = false;
        note_thread();
    }
    serve();
}

void watched_connections::serve() noexcept {
    auto const* const outer = std::exchange(served_here, this); // where a resumed caller runs the context
    for (unsigned looks = 0; looks < most_looks; ++looks) {
        send_postponed(true);
        if (!serve_heard()) break;
    }
    served_here = outer;
    send_postponed(false);
    base::mutex_lock const held(mutex);
    arm();
}

void watched_connections::serve_meanwhile() noexcept {
    send_postponed(false);
    {
        base::mutex_lock const held(mutex);
        note_thread();
        arm();
        if (heard_next_ == heard_.size()) return;
        owner_.wake_soon(); // another caller may hold up this thread
    }
    serve_heard();
}

std::unique_ptr<socket_watch> watched_connections::give_up() noexcept {
    mutex.assert_held();
    postponed_.clear();
    resting_.clear();
    heard_.clear();
    heard_next_ = 0;
    return std::move(set_);
}

} // namespace equinix::sts::client_detail
