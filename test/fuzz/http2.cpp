// Whatever an HTTP/2 server may send on a connection that carries exchanges: each of them ends once, or the
// connection still waits; a limit holds; an answer has a status; whatever pieces the bytes come in, the end
// is the same; after the session's failure nothing is open.
#include "fuzz/scripted_stream.hpp"
#include "fuzz/target.hpp"
#include "net/http2_session.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace sts = equinix::sts;
using namespace test;
using state = net::http2_exchange::state;
using net::session_step;

constexpr std::size_t exchanges = 4;

constexpr sts::limit_options limits = [] {
    sts::limit_options small; // so that a fuzzer gets beyond them
    small.max_head = 1024;
    small.max_body = 4096;
    return small;
}();

constexpr std::string_view request = "POST /use/token HTTP/1.1\r\nHost: sts.test\r\nAuthorization: Basic "
                                     "YTpi\r\nContent-Length: 12\r\n\r\ngrant_type=x";

/// What became of each exchange.
struct outcome {
    std::array<state, exchanges> states{};
    std::array<std::string, exchanges> bodies;
    bool failed = false;
    bool operator==(outcome const&) const = default;
};

outcome run(std::string_view said, std::size_t piece) {
    wire on;
    on.ends = wire::ending::none;
    on.comes = wire::arrival::at_once;
    for (std::size_t at = 0; at < said.size(); at += piece)
        on.pieces.push_back(said.substr(at, piece));
    std::array<net::http2_exchange, exchanges> all;
    outcome end;
    {
        net::http2_session session(std::make_unique<scripted_stream>(on), limits);
        for (auto& one : all)
            session.start(one, request);
        std::size_t over = 0;
        for (std::size_t turn = 0; (turn < 4 || !on.pieces.empty()) && !end.failed; ++turn) {
            require(turn < said.size() + 5, "what was sent is not read");
            for (int tries = 0; tries < 1000 && session.send() == session_step::want_write; ++tries) {
            }
            end.failed = session.receive() == session_step::failed || session.send() == session_step::failed;
            while (auto* const one = session.next_over()) {
                ++over;
                require(one->is != state::open && one->is != state::idle, "one that is over has no outcome");
                require(one->answer.body.size() <= limits.max_body, "a body exceeds its limit");
                if (one->is == state::answered)
                    require(one->answer.status >= 200 && one->answer.status < 1000,
                            "an answer has no status");
            }
        }
        require(over + session.open() == exchanges, "an exchange was lost");
        require(!end.failed || session.open() == 0, "one is open on a session that has failed");
        for (std::size_t i = 0; i < exchanges; ++i) {
            end.states[i] = all[i].is;
            if (all[i].is == state::answered)
                end.bodies[i] = std::string(sts::base::view(all[i].answer.body));
            if (all[i].is == state::open) session.cancel(all[i]);
        }
    }
    return end;
}

} // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const said = text_of(data, size);
    auto const whole = run(said, std::max<std::size_t>(size, 1));
    auto const in_pieces = run(said, 7);
    // A failure may come before the outcome of what follows in the same read is known.
    if (!whole.failed && !in_pieces.failed) require(whole == in_pieces, "the pieces change the end");
    return 0;
}
