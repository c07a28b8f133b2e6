#include "client/event_log.hpp"

#include <chrono>
#include <new>
#include <utility>

namespace equinix::sts::client_detail {

event event_now(event_type type) noexcept {
    event made;
    made.type = type;
    made.at = std::chrono::steady_clock::now();
    return made;
}

void explain(event& made, error_info const& why) noexcept {
    made.failed = true;
    made.kind = why.kind;
    made.phase = why.phase;
    made.http_status = why.http_status;
    made.code = why.code;
}

void tell(observer const& to, event const& what) noexcept try { to(what); } catch (...) {
    // The observer's own problem.
}

void event_log::add(event const& what, std::shared_ptr<std::string const> source,
                    std::shared_ptr<std::string const> address) noexcept try {
    newest_first_.push_front({what, std::move(source), std::move(address)});
    auto& newest = newest_first_.front();
    if (newest.source) newest.what.source = *newest.source;
    if (newest.address) newest.what.address = *newest.address;
} catch (std::bad_alloc const&) {
    // The event is lost.
}

void event_log::deliver_some(observer const& to) noexcept {
    newest_first_.reverse();
    for (; !newest_first_.empty(); newest_first_.pop_front())
        tell(to, newest_first_.front().what);
}

} // namespace equinix::sts::client_detail
