// What the peers share, so that they do the same work: the command line, the encoding of a request, the
// reading of an answer, the report.
#pragma once

#include "base/wiped.hpp"
#include "support/figures.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace equinix::sts::bench {

/// --url --ca-file --scope --subject-token-file --connections --exchanges --mode exchange|handshake|idle
/// --http 1.1|2
struct peer_arguments {
    std::string url, host, port, target;
    std::string ca_file, scope, subject_token;
    std::string mode = "exchange", http = "1.1";
    unsigned connections = 64;
    std::uint64_t exchanges = 60'000;
};

/// Says on stderr what is wrong, and ends the program.
peer_arguments read_arguments(std::span<char const* const> words);

/// The form of a token exchange, percent-encoded by the library's own function; `out` is used again.
void encode_form(peer_arguments const& what, base::wiped_buffer& out);

/// Reads the JSON of a token response by the library's own function, and keeps its token. False when it is
/// none.
class token_reader {
public:
    bool read(std::string_view body);

    std::string token, issued_token_type;
    double expires_in = 0;
};

/// Takes the measure of a run: `open()` when all connections have served one exchange, then `add` for each
/// exchange, then `close()`.
class measurement {
public:
    using clock = std::chrono::steady_clock;

    measurement(std::string client, peer_arguments const& what);

    /// When one connection has served an exchange.
    void first() noexcept { rss_of_one_ = resident_kb(); }
    void open() noexcept;
    void add(clock::time_point begun, clock::time_point ended, bool good) noexcept {
        out_.latency.add((ended - begun).count());
        ++out_.exchanges;
        if (!good) ++out_.errors;
    }
    void handshake(bool resumed) noexcept { ++(resumed ? out_.handshakes_resumed : out_.handshakes_full); }
    /// Prints the report. The program's exit code.
    int close();

private:
    figures out_;
    thread_usage before_;
    double rss_of_one_ = 0;
    clock::time_point begun_;
};

} // namespace equinix::sts::bench
