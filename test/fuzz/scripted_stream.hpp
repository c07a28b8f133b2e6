// A connection in memory: what the peer says is there in pieces, what it is told is kept.
#pragma once

#include "net/stream.hpp"

#include <algorithm>
#include <deque>
#include <string>
#include <string_view>

namespace test {

namespace net = equinix::sts::net;

/// What both ends know of. The peer's words must outlive it.
struct wire {
    std::deque<std::string_view> pieces; ///< each is there after a wait
    bool broken_at_end = false;          ///< else the peer ends the stream in order
    bool ends = true;                    ///< else it keeps silent
    std::size_t most_taken = 1000;       ///< of what is written at once
    std::string written;
};

class scripted_stream final : public net::stream {
public:
    explicit scripted_stream(wire& on) noexcept : stream(-1), wire_(on) {}

    net::io_step handshake() override { return net::io_step::done; }

    net::io_result read(std::span<char> into) override {
        if (!(waited_ = !waited_)) return next(into);
        return {net::io_step::want_read};
    }

    net::io_result write(std::span<char const> from) override {
        if ((stuck_ = !stuck_)) return {net::io_step::want_write};
        auto const taken = std::min(from.size(), wire_.most_taken);
        wire_.written.append(from.data(), taken);
        return {net::io_step::done, taken};
    }

    net::io_result read_received(std::span<char>) override { return {net::io_step::want_read}; }
    bool has_received() const noexcept override { return false; }
    bool rest() override { return true; }
    void say_goodbye() noexcept override {}
    bool resumed() const noexcept override { return false; }

private:
    net::io_result next(std::span<char> into) {
        if (wire_.pieces.empty()) {
            if (!wire_.ends) return {net::io_step::want_read};
            if (!wire_.broken_at_end) return {net::io_step::eof};
            failure_.message = "the connection failed";
            return {net::io_step::failed};
        }
        auto& piece = wire_.pieces.front();
        auto const size = std::min(piece.size(), into.size());
        std::copy_n(piece.data(), size, into.data());
        piece.remove_prefix(size);
        if (piece.empty()) wire_.pieces.pop_front();
        return {net::io_step::done, size};
    }

    wire& wire_;
    bool waited_ = false;
    bool stuck_ = false;
};

} // namespace test
