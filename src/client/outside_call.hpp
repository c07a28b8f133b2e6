// What an exchange waits for outside its pool: its supplier, or signatures.
#pragma once

#include "client/supplied_subject.hpp"
#include "core/signatures.hpp"

#include <equinix/sts/error.hpp>

#include <memory>

namespace equinix::sts::client_detail {

struct operation;

class outside_call {
public:
    /// Receives the answer.
    class asker {
    public:
        virtual void supplied(outside_call& call, result<supplied_subject> answer) noexcept = 0;
        virtual void signed_by(outside_call& call, result<core::signatures> answer) noexcept = 0;

    protected:
        ~asker() = default;
    };

    outside_call() = default;
    outside_call(outside_call const&) = delete;
    outside_call& operator=(outside_call const&) = delete;
    virtual ~outside_call() = default;

    /// Throws when the call cannot begin; the asker is not notified then. Otherwise `for_whom` is notified,
    /// without the asker's lock.
    virtual void begin(std::shared_ptr<asker> for_whom) = 0;

    /// Nobody waits for the answer any longer. May be called from any thread.
    virtual void cancel() noexcept = 0;

    /// As above, when the context is going: nothing of it may be touched later.
    virtual void leave_context() noexcept = 0;

    /// The operation that waits for the answer; null once it has left. Guarded by the asker's lock.
    operation* waiting = nullptr;
};

} // namespace equinix::sts::client_detail
