#include "client/context_registry.hpp"

#include "base/failure.hpp"
#include "base/lock.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <string>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

asio::execution_context::id context_registry::id;

std::shared_ptr<context_homes> context_registry::of(asio::any_io_executor const& executor) try {
    // Not used: they make Asio create the services of timers and sockets before the registry.
    asio::steady_timer const timer(executor);
    asio::ip::tcp::socket const socket(executor);
    return asio::use_service<context_registry>(asio::query(executor, asio::execution::context)).homes_;
} catch (boost::system::system_error const& failed) {
    throw error(base::failure(error_kind::config, phase::none,
                              "the executor's context cannot wait for sockets and timers: " +
                                  std::string(failed.what()),
                              failed.code()));
}

bool context_registry::are_of(std::shared_ptr<context_homes> const& these, asio::execution_context& context) {
    return asio::has_service<context_registry>(context) &&
           asio::use_service<context_registry>(context).homes_ == these;
}

void context_homes::add(context_home& one) {
    base::mutex_lock const lock(mutex_);
    all_.push_back(one);
}

bool context_homes::is_used_elsewhere() const noexcept {
    return std::any_of(users_.begin(), users_.end(),
                       [here = std::this_thread::get_id()](use const& one) { return one.thread_ != here; });
}

void context_homes::end() noexcept {
    base::mutex_lock const lock(mutex_);
    ending_ = true; // it may be already: newer Asio shuts a context down twice
    for (;;) {
        while (is_used_elsewhere())
            changed_.wait(mutex_);
        if (all_.empty()) return;
        std::shared_ptr<context_home> alive;
        auto const at = std::find_if(all_.begin(), all_.end(), [&](context_home& one) {
            alive = one.weak_from_this().lock();
            return alive != nullptr;
        });
        if (at == all_.end()) {
            changed_.wait(mutex_);
            continue;
        }
        all_.erase(at);
        base::unlocked const meanwhile(mutex_);
        alive->context_gone(); // may destroy coroutines, and with them other homes
        alive.reset();
    }
}

context_homes::use::use(context_homes& of) noexcept : of_(&of) {
    base::mutex_lock const lock(of.mutex_);
    if (of.ending_)
        of_ = nullptr;
    else
        of.users_.push_back(*this);
}

context_homes::use::use(context_homes& of, context_home& leaving) noexcept : of_(&of) {
    base::mutex_lock const lock(of.mutex_);
    of.all_.erase(of.all_.iterator_to(leaving));
    of.users_.push_back(*this);
    of.changed_.notify_all();
}

context_homes::use::~use() {
    if (of_ == nullptr) return;
    base::mutex_lock const lock(of_->mutex_);
    of_->users_.erase(of_->users_.iterator_to(*this));
    of_->changed_.notify_all();
}

} // namespace equinix::sts::client_detail
