// Tells pools that the context they live on is being destroyed.
#pragma once

#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/list.hpp>

#include <mutex>

namespace equinix::sts::client_detail {

/// Something that owns handlers of a context.
class context_resident : public boost::intrusive::list_base_hook<> {
public:
    /// The context is going: destroy every handler and every I/O object, call nothing.
    virtual void context_gone() noexcept = 0;

protected:
    context_resident() = default;
    virtual ~context_resident() = default;
};

/// One a context, made at first use; Asio calls `shutdown()` before it destroys its own services.
class context_registry : public boost::asio::execution_context::service {
public:
    using key_type = context_registry;
    static boost::asio::execution_context::id id; // NOLINT: Asio's way to name a service

    explicit context_registry(boost::asio::execution_context& context) : service(context) {}

    void add(context_resident& resident);

    /// Not to be called once `context_gone()` was.
    void remove(context_resident& resident) noexcept;

private:
    void shutdown() noexcept override;

    std::mutex mutex_;
    boost::intrusive::list<context_resident> residents_;
};

} // namespace equinix::sts::client_detail
