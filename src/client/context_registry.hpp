// Tells pools and desks that the context they live on is being destroyed, which may happen while another
// thread lets go of them.
#pragma once

#include "base/lock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/list.hpp>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <thread>

namespace equinix::sts::client_detail {

/// What a context has of ours: something that owns handlers of it. A shared pointer owns it.
class context_home : public boost::intrusive::list_base_hook<>,
                     public std::enable_shared_from_this<context_home> {
public:
    /// The context is going: destroy every handler and every I/O object, call nothing.
    virtual void context_gone() noexcept = 0;

    /// The timer that was set has fired. Another one may have been set meanwhile: see `timer::counts`.
    virtual void on_timer(std::uint64_t generation) noexcept = 0;

protected:
    context_home() = default;
    virtual ~context_home() = default;
};

/// Those of one context. Lives as long as the last of them.
class context_homes {
public:
    void add(context_home& one);

    /// Tells each, once no other thread has a `use`. One whose destructor has begun is waited for. This
    /// thread may have a use: what it lets go of there may be the last to own the context.
    void end() noexcept;

    /// While it is true no other thread goes on destroying the context.
    class use : public boost::intrusive::list_base_hook<> {
    public:
        /// False when the destroying has begun: then all will be told, and nothing is left to do.
        explicit use(context_homes& of) noexcept;

        /// In the destructor of one that `context_gone()` was not called for, which is no longer listed from
        /// here on: true in any case, until nothing of it is left on the context.
        use(context_homes& of, context_home& leaving) noexcept;

        use(use const&) = delete;
        use& operator=(use const&) = delete;
        ~use();
        explicit operator bool() const noexcept { return of_ != nullptr; }

    private:
        friend class context_homes;

        context_homes* of_;
        std::thread::id const thread_ = std::this_thread::get_id();
    };

private:
    bool is_used_elsewhere() const noexcept STS_REQUIRES(mutex_);

    base::mutex mutex_;
    std::condition_variable_any changed_;
    boost::intrusive::list<context_home> all_ STS_GUARDED_BY(mutex_);
    boost::intrusive::list<use> users_ STS_GUARDED_BY(mutex_);
    bool ending_ STS_GUARDED_BY(mutex_) = false;
};

/// One a context. Asio shuts down first what was made last: this is made when the services are there of all
/// that lives on the context.
class context_registry : public boost::asio::execution_context::service {
public:
    using key_type = context_registry;
    static boost::asio::execution_context::id id; // NOLINT: Asio's way to name a service

    explicit context_registry(boost::asio::execution_context& context) : service(context) {}

    /// Those of an executor's context, for one that is to be among them. Throws `error` of kind `config` when
    /// the system lets the context wait for nothing.
    static std::shared_ptr<context_homes> of(boost::asio::any_io_executor const& executor);

    /// Whether these are those of the context.
    static bool are_of(std::shared_ptr<context_homes> const& these, boost::asio::execution_context& context);

private:
    void shutdown() noexcept override { homes_->end(); }

    std::shared_ptr<context_homes> const homes_ = std::make_shared<context_homes>();
};

} // namespace equinix::sts::client_detail
