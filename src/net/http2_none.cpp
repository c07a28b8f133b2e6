// In place of http2_session.cpp in a build without nghttp2: no client offers HTTP/2, so that there is never a
// session.
#include "net/http2_session.hpp"

#include <cstdlib>

namespace equinix::sts::net {

void http2_session::deleter::operator()(nghttp2_session*) const noexcept {}

http2_session::http2_session(std::unique_ptr<stream> over, limit_options const& limits)
    : stream_(std::move(over)), limits_(limits) {
    std::abort();
}

http2_session::~http2_session() = default;

void http2_session::start(http2_exchange&, std::string_view) {}
void http2_session::cancel(http2_exchange&, bool) noexcept {}
void http2_session::give_up(error_info const&) noexcept {}
void http2_session::ping() {}
void http2_session::collect() {}
session_step http2_session::send() {
    return session_step::failed;
}
session_step http2_session::receive() {
    return session_step::failed;
}
http2_exchange* http2_session::next_over() noexcept {
    return nullptr;
}
std::optional<std::size_t> http2_session::most_exchanges() const noexcept {
    return std::nullopt;
}
void http2_session::close() noexcept {}

} // namespace equinix::sts::net
