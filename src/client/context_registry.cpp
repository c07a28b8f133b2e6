#include "client/context_registry.hpp"

namespace equinix::sts::client_detail {

boost::asio::execution_context::id context_registry::id;

void context_registry::add(context_resident& resident) {
    std::scoped_lock const lock(mutex_);
    residents_.push_back(resident);
}

void context_registry::remove(context_resident& resident) noexcept {
    std::scoped_lock const lock(mutex_);
    residents_.erase(residents_.iterator_to(resident));
}

void context_registry::shutdown() noexcept {
    for (;;) {
        context_resident* resident = nullptr;
        {
            std::scoped_lock const lock(mutex_);
            if (residents_.empty()) return;
            resident = &residents_.front();
            residents_.pop_front();
        }
        resident->context_gone(); // may destroy coroutines, and with them other residents
    }
}

} // namespace equinix::sts::client_detail
