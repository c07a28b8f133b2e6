#include "client/context_registry.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>

namespace equinix::sts::client_detail {

namespace asio = boost::asio;

asio::execution_context::id context_registry::id;

std::shared_ptr<context_residents> context_registry::of(asio::any_io_executor const& executor) {
    // Not used: they have their services made before the registry.
    asio::steady_timer const timer(executor);
    asio::ip::tcp::socket const socket(executor);
    return asio::use_service<context_registry>(asio::query(executor, asio::execution::context)).residents_;
}

bool context_registry::are_of(std::shared_ptr<context_residents> const& these,
                              asio::execution_context& context) {
    return asio::has_service<context_registry>(context) &&
           asio::use_service<context_registry>(context).residents_ == these;
}

void context_residents::add(context_resident& one) {
    std::scoped_lock const lock(mutex_);
    all_.push_back(one);
}

void context_residents::remove(context_resident& one) noexcept {
    std::scoped_lock const lock(mutex_);
    all_.erase(all_.iterator_to(one));
    changed_.notify_all();
}

void context_residents::end() noexcept {
    std::unique_lock lock(mutex_);
    ending_ = true;
    changed_.wait(lock, [&] { return users_ == 0; });
    while (!all_.empty()) {
        std::shared_ptr<context_resident> alive;
        auto const at = std::find_if(all_.begin(), all_.end(), [&](context_resident& one) {
            alive = one.weak_from_this().lock();
            return alive != nullptr;
        });
        if (at == all_.end()) {
            changed_.wait(lock);
            continue;
        }
        all_.erase(at);
        lock.unlock();
        alive->context_gone(); // may destroy coroutines, and with them others of these
        alive.reset();
        lock.lock();
    }
}

context_residents::use::use(context_residents& of) noexcept : of_(&of) {
    std::scoped_lock const lock(of.mutex_);
    if (of.ending_)
        of_ = nullptr;
    else
        ++of.users_;
}

context_residents::use::~use() {
    if (of_ == nullptr) return;
    std::scoped_lock const lock(of_->mutex_);
    if (--of_->users_ == 0) of_->changed_.notify_all();
}

} // namespace equinix::sts::client_detail
