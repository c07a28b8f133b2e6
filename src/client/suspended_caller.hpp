// A coroutine that waits to be resumed.
#pragma once

#include "client/handler_memory.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/assert.hpp>
#include <boost/intrusive/list.hpp>

#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace equinix::sts::client_detail {

/// Lives in the coroutine's frame and holds the handler that resumes it. The handler owns the frame:
/// destroying the handler destroys the coroutine. Holding needs no heap memory and, on an `io_context`,
/// resuming needs none either, so that an exchange can end when memory has run out.
class suspended_caller : public boost::intrusive::list_base_hook<> {
public:
    suspended_caller() = default;
    suspended_caller(suspended_caller const&) = delete;
    suspended_caller& operator=(suspended_caller const&) = delete;

    /// Takes ownership of the handler and keeps its executor running. A cancellation calls `cancel(type)`
    /// from now until the coroutine continues. Returns false when there was not enough memory; the caller
    /// must not wait then.
    template <class Handler, class Cancel>
    [[nodiscard]] bool hold(Handler handler, Cancel cancel) noexcept {
        slot_ = boost::asio::get_associated_cancellation_slot(handler);
        bool const kept = hold(std::move(handler));
        try {
            if (slot_.is_connected()) slot_.template emplace<Cancel>(std::move(cancel));
        } catch (std::bad_alloc const&) {
            return false;
        }
        return kept;
    }

    /// As above, for a caller that is never cancelled.
    template <class Handler>
    [[nodiscard]] bool hold(Handler handler) noexcept {
        BOOST_ASSERT(resume_ == nullptr && !is_linked());
        static_assert(sizeof(Handler) <= sizeof(room_) && std::is_nothrow_move_constructible_v<Handler>);
        boost::asio::any_io_executor const executor = boost::asio::get_associated_executor(handler);
        ::new (room_) Handler(std::move(handler));
        resume_ = resume_as<Handler>;
        destroy_ = destroy_as<Handler>;
        try {
            executor_ = boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
            return true;
        } catch (std::exception const&) {
            executor_ = executor;
            return false;
        }
    }

    /// Resumes the caller on its own executor, never inline. After this returns true, the object may be gone.
    /// Returns false when there was not enough memory, which cannot happen on an `io_context`: try again
    /// later.
    bool post() noexcept {
        BOOST_ASSERT(resume_ != nullptr && !is_linked());
        return resume_(*this, false);
    }

    /// As above, from within a handler that the executor has called: the caller may be resumed inline.
    bool dispatch() noexcept {
        BOOST_ASSERT(resume_ != nullptr && !is_linked());
        return resume_(*this, true);
    }

    /// Destroys the coroutine, and with it this object.
    void destroy() noexcept {
        BOOST_ASSERT(destroy_ != nullptr && !is_linked());
        destroy_(*this);
    }

private:
    using context_executor =
        decltype(boost::asio::prefer(std::declval<boost::asio::io_context::executor_type>(),
                                     boost::asio::execution::outstanding_work.tracked));

    /// The queued call. Its memory lies in the coroutine that it resumes.
    template <class Handler>
    struct resumption {
        using allocator_type = handler_allocator<void>;

        allocator_type get_allocator() const noexcept { return allocator_type(caller->memory_); }
        void operator()() {
            caller->slot_.clear(); // a later signal would reach a destroyed object
            std::move(handler)();
        }

        Handler handler;
        suspended_caller* caller; // in the coroutine that the handler owns
    };

    template <class Handler>
    Handler take() noexcept {
        auto& held = *std::launder(reinterpret_cast<Handler*>(room_)); // NOLINT: what `hold` put there
        Handler handler(std::move(held));
        held.~Handler(); // NOLINT(bugprone-use-after-move): a moved-from object is to be destroyed too
        return handler;
    }

    template <class Handler>
    static bool resume_as(suspended_caller& self, bool at_once) noexcept {
        auto const on = std::move(self.executor_);
        if (auto const* const context = on.template target<context_executor>()) {
            resumption<Handler> queued{self.template take<Handler>(), &self};
            if (at_once)
                boost::asio::dispatch(*context,
                                      std::move(queued)); // the context keeps what it throws for run()
            else
                boost::asio::post(*context, std::move(queued));
            return true;
        }
        // Another kind of executor allocates its memory where it likes. The handler must not be lost until
        // that has succeeded.
        try {
            auto const kept = std::make_shared<std::optional<Handler>>();
            kept->emplace(self.template take<Handler>());
            try {
                boost::asio::post(on, [kept, caller = &self] {
                    caller->slot_.clear();
                    (*std::exchange(*kept, std::nullopt))();
                });
                return true;
            } catch (...) {
                ::new (self.room_) Handler(std::move(**kept));
            }
        } catch (...) {
            // Nothing was allocated.
        }
        self.executor_ = on;
        return false;
    }

    template <class Handler>
    static void destroy_as(suspended_caller& self) noexcept {
        auto const coroutine = self.template take<Handler>();
    }

    alignas(std::max_align_t) std::byte room_[64];
    bool (*resume_)(suspended_caller&, bool at_once) noexcept = nullptr;
    void (*destroy_)(suspended_caller&) noexcept = nullptr;
    boost::asio::any_io_executor executor_;
    boost::asio::cancellation_slot slot_;
    handler_memory memory_;
};

using suspended_callers = boost::intrusive::list<suspended_caller>;

} // namespace equinix::sts::client_detail
