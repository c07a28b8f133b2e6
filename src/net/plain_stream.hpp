// A socket without TLS, for the few local services that do not speak it.
#pragma once

#include "net/stream.hpp"

namespace equinix::sts::net {

class plain_stream final : public stream {
public:
    explicit plain_stream(int descriptor) noexcept : stream(descriptor) {}

    io_step handshake() override { return io_step::done; }
    io_result read(std::span<char> into) override;
    io_result write(std::span<char const> from) override;
    io_result read_received(std::span<char>) override { return {io_step::want_read}; }
    bool has_received() const noexcept override { return false; }
    bool is_amid_a_record() const noexcept override { return false; }
    bool nothing_follows() override { return true; }
    void release_memory() noexcept override {}
    void say_goodbye() noexcept override {} ///< closing the socket suffices
    bool offered_session() const noexcept override { return false; }
    bool resumed() const noexcept override { return false; }

private:
    io_result step_after(ssize_t transferred, io_step stuck);
};

} // namespace equinix::sts::net
