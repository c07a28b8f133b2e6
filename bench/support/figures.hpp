// What a scenario came to, and how it is written down: one line of JSON, the same from our harness and from
// every peer.
#pragma once

#include "support/histogram.hpp"
#include "support/usage.hpp"

#include <cstdint>
#include <string>

namespace equinix::sts::bench {

struct figures {
    std::string client; ///< whose they are
    std::string mode, http = "1.1";
    unsigned concurrency = 0, connections = 0, threads = 1;
    std::uint64_t exchanges = 0, errors = 0;
    double seconds = 0;         ///< of the exchanges, without connecting
    double opening_seconds = 0; ///< of opening the connections and one exchange on each
    double opening_cpu_us = 0;  ///< all of it together
    thread_usage used;          ///< of all client threads, for the exchanges
    histogram latency;
    double rss_kb = 0, kb_per_connection = 0;
    double kb_per_exchange = 0; ///< in flight
    std::uint64_t handshakes_full = 0, handshakes_resumed = 0;
};

/// Without a line end.
std::string json_of(figures const& all);

/// For people.
std::string table_of(figures const& all);

} // namespace equinix::sts::bench
