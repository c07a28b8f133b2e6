#include "sts-bench/scenario.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <system_error>

namespace equinix::sts::bench {
namespace {

using text = std::string_view;

template <class Number>
Number number(text name, text value, Number least, Number most) {
    Number read{};
    auto const* const end = value.data() + value.size();
    auto const result = std::from_chars(value.data(), end, read);
    if (result.ec != std::errc() || result.ptr != end || read < least || read > most)
        throw usage_error(std::string(name) + " needs a number from " + std::to_string(least) + " to " +
                          std::to_string(most));
    return read;
}

/// "1,64,1024"
std::vector<unsigned> numbers(text name, text value, unsigned most) {
    std::vector<unsigned> all;
    for (;;) {
        auto const comma = value.find(',');
        all.push_back(number<unsigned>(name, value.substr(0, comma), 1, most));
        if (comma == text::npos) return all;
        value.remove_prefix(comma + 1);
    }
}

std::vector<mode> modes(text value) {
    std::vector<mode> all;
    for (;;) {
        auto const word = value.substr(0, value.find(','));
        bool known = false;
        for (auto const one :
             {mode::exchange, mode::source, mode::cache, mode::handshake, mode::cold, mode::idle}) {
            if (name_of(one) != word) continue;
            all.push_back(one);
            known = true;
        }
        if (!known)
            throw usage_error("--mode needs one or more of exchange, source, cache, handshake, cold, idle");
        if (word.size() == value.size()) return all;
        value.remove_prefix(word.size() + 1);
    }
}

http_version version(text value) {
    for (auto const one : {http_version::automatic, http_version::http1, http_version::http2})
        if (name_of(one) == value) return one;
    throw usage_error("--http needs auto, 1.1 or 2");
}

/// As many as the client needs.
unsigned connections_for(scenario const& what) {
    bool const each_its_own = what.mode == mode::handshake || what.mode == mode::idle;
    if (what.http == http_version::http1 || each_its_own) return what.concurrency;
    auto const streams = static_cast<unsigned>(client_options().pool.max_streams);
    return std::max(what.shared_client ? 1 : what.threads, (what.concurrency + streams - 1) / streams);
}

/// "5", "1.5s", "300ms"
std::chrono::nanoseconds duration(text name, text value) {
    double unit = 1e9;
    if (value.ends_with("ms")) {
        unit = 1e6;
        value.remove_suffix(2);
    } else if (value.ends_with('s')) {
        value.remove_suffix(1);
    }
    return std::chrono::nanoseconds(
        static_cast<std::int64_t>(number<double>(name, value, 0.001, 86400) * unit));
}

} // namespace

std::string_view name_of(mode which) noexcept {
    switch (which) {
    case mode::exchange:
        return "exchange";
    case mode::source:
        return "source";
    case mode::cache:
        return "cache";
    case mode::handshake:
        return "handshake";
    case mode::cold:
        return "cold";
    case mode::idle:
        return "idle";
    }
    return "";
}

std::string_view name_of(http_version which) noexcept {
    return which == http_version::automatic ? "auto" : which == http_version::http1 ? "1.1" : "2";
}

arguments parse_arguments(std::span<char const* const> words) {
    arguments all;
    scenario one;
    std::vector<unsigned> concurrency;
    std::optional<unsigned> connections;
    std::vector<mode> wanted = {mode::exchange};
    std::map<text, std::function<void(text, text)>, std::less<>> const options = {
        {"--url", [&](text, text v) { all.url = std::string(v); }},
        {"--ca-file", [&](text, text v) { all.ca_file = v; }},
        {"--scope", [&](text, text v) { all.scope = v; }},
        {"--subject-token-file", [&](text, text v) { all.subject_token_file = v; }},
        {"--mock",
         [&](text, text v) {
             if (v != "forked" && v != "in-process") throw usage_error("--mock needs forked or in-process");
             all.mock = v == "forked" ? mock_place::forked : mock_place::in_process;
         }},
        {"--http", [&](text, text v) { one.http = version(v); }},
        {"--mode", [&](text, text v) { wanted = modes(v); }},
        {"--concurrency", [&](text n, text v) { concurrency = numbers(n, v, 1'000'000); }},
        {"--connections", [&](text n, text v) { connections = number<unsigned>(n, v, 1, 60'000); }},
        {"--exchanges",
         [&](text n, text v) { one.exchanges = number<std::uint64_t>(n, v, 1, 1'000'000'000'000); }},
        {"--duration", [&](text n, text v) { one.duration = duration(n, v); }},
        {"--rate", [&](text n, text v) { one.rate = number<double>(n, v, 0.1, 1e7); }},
        {"--threads", [&](text n, text v) { one.threads = number<unsigned>(n, v, 1, 256); }},
        {"--keys", [&](text n, text v) { one.keys = number<unsigned>(n, v, 1, 10'000'000); }},
        {"--dpop",
         [&](text, text v) {
             one.dpop = signing_algorithm_from(v);
             if (!one.dpop) throw usage_error("--dpop needs ES256, ES384, ES512, EdDSA, RS256 or PS256");
         }},
        {"--json", [&](text, text v) { all.json = v; }},
    };
    std::map<text, std::function<void()>, std::less<>> const flags = {
        {"--thread-safe", [&] { one.thread_safe = true; }},
        {"--shared-client", [&] { one.shared_client = one.thread_safe = true; }},
        {"--help", [&] { all.help = true; }},
        {"-h", [&] { all.help = true; }},
    };
    for (std::size_t i = 0; i < words.size(); ++i) {
        text word = words[i];
        if (auto const flag = flags.find(word); flag != flags.end()) {
            flag->second();
            continue;
        }
        auto const equals = word.find('=');
        auto const name = word.substr(0, equals);
        auto const option = options.find(name);
        if (option == options.end())
            throw usage_error("unknown option " + std::string(name) + "; try: sts-bench --help");
        if (equals == text::npos && ++i == words.size())
            throw usage_error(std::string(name) + " needs a value");
        option->second(name, equals == text::npos ? text(words[i]) : word.substr(equals + 1));
    }
    if (concurrency.empty()) concurrency = {connections.value_or(64)};
    for (auto const which : wanted) {
        for (auto const at_once : concurrency) {
            auto& made = all.scenarios.emplace_back(one);
            made.mode = which;
            made.concurrency = at_once;
            made.connections = connections.value_or(connections_for(made));
            if (made.threads > made.concurrency || (!made.shared_client && made.threads > made.connections))
                throw usage_error("--threads must not exceed --concurrency, nor --connections without "
                                  "--shared-client");
            if (made.rate > 0 && which != mode::exchange && which != mode::handshake)
                throw usage_error("--rate needs --mode exchange or handshake");
        }
    }
    all.mock_has_http2 = one.http != http_version::http1;
    return all;
}

std::string_view help() noexcept {
    return R"(sts-bench: measures exchanges and tokens through the library's public API

  sts-bench [--url URL --ca-file FILE] [options]

Service
  --url URL                  the token endpoint; default: a mock STS with a fixed response
  --mock forked|in-process   where that mock runs (default forked: its CPU time is not measured)
  --ca-file FILE             the authority to trust (PEM)
  --scope TEXT               default roleassignments:1
  --subject-token-file FILE  default: 1,200 arbitrary bytes

Load
  --http auto|1.1|2          the protocol (default: the library's)
  --mode MODE[,MODE...]      exchange   over open connections (default)
                             handshake  each exchange on a new connection
                             cold       a new client for each row of --concurrency exchanges
                             idle       the memory of open connections
                             source     get() of a token source     \ an "exchange" is
                             cache      get() of a token cache      / a get() here
  --concurrency N[,N...]     concurrent exchanges, one scenario each (default: --connections, or 64)
  --connections N            at most; default: as --concurrency, with HTTP/2 one for each 100 of it
  --exchanges N | --duration 5s
                             the number, or the duration (default 5 s)
  --rate N                   start N per second, whether or not earlier ones are complete; latency counts
                             from the scheduled start
  --threads N                one client per thread (default 1)
  --thread-safe              client_options::thread_safe (default off: one client per thread needs no lock)
  --shared-client            one client and one io_context for all threads; implies --thread-safe
  --keys N                   for --mode cache (default 1,000)
  --dpop ALG                 a proof of possession with each exchange, as with ES256

Report
  --json FILE                one object and line per scenario; "-" for standard output
)";
}

} // namespace equinix::sts::bench
