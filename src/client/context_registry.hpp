// Notifies pools and desks that the context they live on is being destroyed. Another thread may be releasing
// them at that moment.
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

/// An object of ours that lives on a context and owns handlers of it. Owned by a shared pointer.
class context_home : public boost::intrusive::list_base_hook<>,
                     public std::enable_shared_from_this<context_home> {
public:
    /// The context is being destroyed: destroy every handler and every I/O object, invoke nothing.
    virtual void context_gone() noexcept = 0;

    /// The timer has fired. It may have been set again meanwhile: see `timer::counts`.
    virtual void on_timer(std::uint64_t generation) noexcept = 0;

protected:
    context_home() = default;
    virtual ~context_home() = default;
};

/// The homes of one context. Lives as long as the last of them.
class context_homes {
public:
    void add(context_home& one);

    /// Notifies each home, once no other thread has a `use`. Waits for a home whose destructor has begun.
    /// This thread may have a use itself: what it releases there may be the last owner of the context.
    void end() noexcept;

    /// While a `use` is true, no other thread continues to destroy the context.
    class use : public boost::intrusive::list_base_hook<> {
    public:
        /// False once destruction has begun: all homes are notified then, and nothing is left to do.
        explicit use(context_homes& of) noexcept;

        /// For the destructor of a home that `context_gone()` was not called for, which is no longer listed
        /// from here on. Always true. To be held until nothing of the home is left on the context.
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

/// One per context. Asio shuts down the newest service first, so this one is created after the services of
/// everything that lives on the context.
class context_registry : public boost::asio::execution_context::service {
public:
    using key_type = context_registry;
    static boost::asio::execution_context::id id; // NOLINT: Asio's way to name a service

    explicit context_registry(boost::asio::execution_context& context) : service(context) {}

    /// The homes of an executor's context, for one that is about to join them. Throws `error` of kind
    /// `config` when the system does not let the context wait for anything.
    static std::shared_ptr<context_homes> of(boost::asio::any_io_executor const& executor);

    /// Whether these are the homes of the context.
    static bool are_of(std::shared_ptr<context_homes> const& these, boost::asio::execution_context& context);

private:
    void shutdown() noexcept override { homes_->end(); }

    std::shared_ptr<context_homes> const homes_ = std::make_shared<context_homes>();
};

} // namespace equinix::sts::client_detail
