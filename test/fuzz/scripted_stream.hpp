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
    enum class arrival {
        after_a_wait, ///< each piece, and the end, is there when it is asked for once more
        at_once,
        not_now
    };
    enum class ending { in_order, broken, none };

    std::deque<std::string_view> pieces;
    arrival comes = arrival::after_a_wait;
    ending ends = ending::in_order;
    std::size_t most_taken = 1000; ///< of what is written at once
    std::string written;

    /// Whether whoever waits for the peer waits in vain.
    bool is_dead() const noexcept { return pieces.empty() && ends == ending::none; }
};

class scripted_stream final : public net::stream {
public:
    explicit scripted_stream(wire& on) noexcept : stream(-1), wire_(on) {}

    net::io_step handshake() override { return net::io_step::done; }

    net::io_result read(std::span<char> into) override {
        if (wire_.comes == wire::arrival::after_a_wait && (waited_ = !waited_))
            return {net::io_step::want_read};
        if (wire_.comes == wire::arrival::not_now || wire_.is_dead()) return {net::io_step::want_read};
        return next(into);
    }

    net::io_result write(std::span<char const> from) override {
        if ((stuck_ = !stuck_)) return {net::io_step::want_write};
        auto const taken = std::min(from.size(), wire_.most_taken);
        wire_.written.append(from.data(), taken);
        return {net::io_step::done, taken};
    }

    net::io_result read_received(std::span<char>) override { return {net::io_step::want_read}; }
    bool has_received() const noexcept override { return false; }
    bool is_amid_a_record() const noexcept override { return false; }
    bool nothing_follows() override { return true; }
    void release_memory() noexcept override {}
    void say_goodbye() noexcept override {}
    bool offered_session() const noexcept override { return false; }
    bool resumed() const noexcept override { return false; }

private:
    net::io_result next(std::span<char> into) {
        if (wire_.pieces.empty()) {
            if (wire_.ends == wire::ending::in_order) return {net::io_step::eof};
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
