#include "net/plain_stream.hpp"

#include <cerrno>

namespace equinix::sts::net {

io_result plain_stream::read(std::span<char> into) {
    auto const received = receive_some(socket_, into.data(), into.size());
    if (received == 0) return {io_step::eof};
    return step_after(received, io_step::want_read);
}

io_result plain_stream::write(std::span<char const> from) {
    return step_after(send_some(socket_, from.data(), from.size()), io_step::want_write);
}

io_result plain_stream::step_after(ssize_t transferred, io_step stuck) {
    if (transferred >= 0) return {io_step::done, static_cast<std::size_t>(transferred)};
    if (would_block()) return {stuck};
    socket_.error = errno;
    failure_.code = boost::system::error_code(socket_.error, boost::system::system_category());
    failure_.message = "the connection failed";
    return {io_step::failed};
}

} // namespace equinix::sts::net
