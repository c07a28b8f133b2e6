#include "client/suspended_caller.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <memory>

namespace equinix::sts::client_detail {
namespace {

namespace asio = boost::asio;
using handler = asio::any_completion_handler<void()>;

using context_executor = decltype(asio::prefer(std::declval<asio::io_context::executor_type>(),
                                               asio::execution::outstanding_work.tracked));

/// Calls the handler; its memory while it is queued is in the coroutine that it resumes.
struct resumption {
    using allocator_type = handler_allocator<void>;

    allocator_type get_allocator() const noexcept { return allocator_type(*memory); }
    void operator()() { std::move(resume)(); }

    handler resume;
    handler_memory* memory;
};

} // namespace

bool suspended_caller::post() noexcept try {
    auto const on = std::move(executor_);
    if (auto const* const context = on.target<context_executor>()) {
        asio::post(*context, resumption{std::move(resume_), &memory_});
        return true;
    }
    // Another kind of executor takes its memory where it likes. Until that is done the handler must not be
    // lost with it.
    auto const kept = std::make_shared<handler>(std::move(resume_));
    try {
        asio::post(on, [kept] { std::move (*kept)(); });
    } catch (...) {
        hold(std::move(*kept), on);
        return false;
    }
    return true;
} catch (...) {
    return false;
}

} // namespace equinix::sts::client_detail
