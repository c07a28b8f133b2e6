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

/// Lives in the coroutine's frame and holds the handler that resumes it. That handler owns the frame: whoever
/// destroys it destroys the coroutine. Neither holding nor, on an `io_context`, resuming needs memory of the
/// heap, so that an exchange can end when there is none.
class suspended_caller : public boost::intrusive::list_base_hook<> {
public:
    suspended_caller() = default;
    suspended_caller(suspended_caller const&) = delete;
    suspended_caller& operator=(suspended_caller const&) = delete;

    /// Takes the handler over. Its executor is kept running meanwhile. A cancellation calls `cancel(type)`,
    /// from now until the coroutine goes on. False when there was no memory for all that: then the caller is
    /// not to wait.
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

    /// The same for one that is never cancelled.
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

    /// Has it resumed on its own executor, never inline. When this returns true it may be gone already. False
    /// means that there was no memory for that, which on an `io_context` cannot be: try again later.
    bool post() noexcept {
        BOOST_ASSERT(resume_ != nullptr && !is_linked());
        return resume_(*this, false);
    }

    /// The same from within a handler that the executor has called: it may be resumed at once.
    bool dispatch() noexcept {
        BOOST_ASSERT(resume_ != nullptr && !is_linked());
        return resume_(*this, true);
    }

    /// Destroys the coroutine, and this with it.
    void destroy() noexcept {
        BOOST_ASSERT(destroy_ != nullptr && !is_linked());
        destroy_(*this);
    }

private:
    using context_executor =
        decltype(boost::asio::prefer(std::declval<boost::asio::io_context::executor_type>(),
                                     boost::asio::execution::outstanding_work.tracked));

    /// The queued call; its memory is in the coroutine that it resumes.
    template <class Handler>
    struct resumption {
        using allocator_type = handler_allocator<void>;

        allocator_type get_allocator() const noexcept { return allocator_type(caller->memory_); }
        void operator()() {
            caller->slot_.clear(); // a signal that comes later would find nobody
            std::move(handler)();
        }

        Handler handler;
        suspended_caller* caller; // in the coroutine that the handler owns
    };

    template <class Handler>
    Handler take() noexcept {
        auto& held = *std::launder(reinterpret_cast<Handler*>(room_)); // NOLINT: what `hold` put there
        Handler handler(std::move(held));
        held.~Handler(); // NOLINT(bugprone-use-after-move): what was moved from is to be destroyed too
        return handler;
    }

    template <class Handler>
    static bool resume_as(suspended_caller& self, bool at_once) noexcept {
        auto const on = std::move(self.executor_);
        if (auto const* const context = on.template target<context_executor>()) {
            resumption<Handler> queued{self.template take<Handler>(), &self};
            if (at_once)
                boost::asio::dispatch(*context,
                                      std::move(queued)); // what it throws the context keeps for run()
            else
                boost::asio::post(*context, std::move(queued));
            return true;
        }
        // Another kind of executor takes its memory where it likes. Until that is done the handler must not
        // be lost with it.
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
            // Nothing was taken.
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
