// Tells pools and desks that the context they live on is being destroyed, which may happen while another
// thread lets go of them.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/list.hpp>

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>

namespace equinix::sts::client_detail {

/// Something that owns handlers of a context. A shared pointer owns it.
class context_resident : public boost::intrusive::list_base_hook<>,
                         public std::enable_shared_from_this<context_resident> {
public:
    /// The context is going: destroy every handler and every I/O object, call nothing.
    virtual void context_gone() noexcept = 0;

protected:
    context_resident() = default;
    virtual ~context_resident() = default;
};

/// Those of one context. Lives as long as the last of them.
class context_residents {
public:
    void add(context_resident& one);

    /// By the destructor of one that `context_gone()` was not called for, once nothing of it is left on the
    /// context.
    void remove(context_resident& one) noexcept;

    /// Tells each, after all that is being done by `use`. One whose destructor has begun is waited for.
    void end() noexcept;

    /// While it is true the context does not go on being destroyed. False when that has begun: then all will
    /// be told, and nothing is left to do.
    class use {
    public:
        explicit use(context_residents& of) noexcept;
        use(use const&) = delete;
        use& operator=(use const&) = delete;
        ~use();
        explicit operator bool() const noexcept { return of_ != nullptr; }

    private:
        context_residents* of_;
    };

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    boost::intrusive::list<context_resident> all_;
    std::size_t users_ = 0;
    bool ending_ = false;
};

/// One a context. Asio shuts down first what was made last: this is made when the services are there of all
/// that lives on the context.
class context_registry : public boost::asio::execution_context::service {
public:
    using key_type = context_registry;
    static boost::asio::execution_context::id id; // NOLINT: Asio's way to name a service

    explicit context_registry(boost::asio::execution_context& context) : service(context) {}

    /// Those of an executor's context, for one that is to be among them.
    static std::shared_ptr<context_residents> of(boost::asio::any_io_executor const& executor);

    /// Whether these are those of the context.
    static bool are_of(std::shared_ptr<context_residents> const& these,
                       boost::asio::execution_context& context);

private:
    void shutdown() noexcept override { residents_->end(); }

    std::shared_ptr<context_residents> const residents_ = std::make_shared<context_residents>();
};

} // namespace equinix::sts::client_detail
