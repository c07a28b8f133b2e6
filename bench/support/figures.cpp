#include "support/figures.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

namespace equinix::sts::bench {
namespace {

/// "12.34", and no digits behind the point that say nothing.
std::string number(double value, int digits = 3) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    std::string out = text.data();
    if (out.find('.') == std::string::npos) return out;
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
    return out;
}

std::string duration(double nanoseconds) {
    if (nanoseconds < 1e4) return number(nanoseconds, 0) + " ns";
    if (nanoseconds < 1e7) return number(nanoseconds / 1e3, 1) + " us";
    return number(nanoseconds / 1e6, 1) + " ms";
}

double each(figures const& all, double sum) {
    return all.exchanges == 0 ? 0 : sum / static_cast<double>(all.exchanges);
}

double rate(figures const& all) {
    return all.seconds > 0 ? static_cast<double>(all.exchanges) / all.seconds : 0;
}

} // namespace

std::string json_of(figures const& all) {
    std::string out =
        "{\"client\":\"" + all.client + "\",\"mode\":\"" + all.mode + "\",\"http\":\"" + all.http + "\"";
    auto const add = [&](std::string_view name, double value, int digits = 4) {
        out += ",\"" + std::string(name) + "\":" + number(value, digits);
    };
    auto const count = [&](std::string_view name, std::uint64_t value) {
        out += ",\"" + std::string(name) + "\":" + std::to_string(value);
    };
    count("concurrency", all.concurrency);
    count("connections", all.connections);
    count("threads", all.threads);
    count("exchanges", all.exchanges);
    add("exchanges_per_s", rate(all), 1);
    add("cpu_us", each(all, all.used.cpu_us));
    add("cpu_user_us", each(all, all.used.user_us));
    add("cpu_system_us", each(all, all.used.system_us));
    add("p50_us", all.latency.at(0.5) / 1e3);
    add("p90_us", all.latency.at(0.9) / 1e3);
    add("p99_us", all.latency.at(0.99) / 1e3);
    add("p999_us", all.latency.at(0.999) / 1e3);
    add("max_us", all.latency.max() / 1e3);
    add("allocations", each(all, static_cast<double>(all.used.allocations)));
    add("rss_kb", all.rss_kb, 0);
    add("kb_per_connection", all.kb_per_connection, 2);
    add("kb_per_exchange", all.kb_per_exchange, 2);
    count("handshakes_full", all.handshakes_full);
    count("handshakes_resumed", all.handshakes_resumed);
    count("errors", all.errors);
    add("opening_s", all.opening_seconds, 3);
    add("opening_cpu_us", all.opening_cpu_us / std::max(1U, all.connections), 1);
    // The curve of the percentiles, for a picture.
    out += ",\"latency_us\":[";
    bool first = true;
    for (double const share : {0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999}) {
        out += (first ? "[" : ",[") + number(share, 4) + "," + number(all.latency.at(share) / 1e3, 2) + "]";
        first = false;
    }
    return out + "]}";
}

std::string table_of(figures const& all) {
    std::string out = all.mode + ", HTTP " + all.http + ": " + std::to_string(all.concurrency) +
                      " concurrent, " + std::to_string(all.connections) + " connections, " +
                      std::to_string(all.threads) + (all.threads == 1 ? " thread\n" : " threads\n");
    auto const line = [&](std::string_view name, std::string const& text) {
        out += "  " + std::string(name) + std::string(22 - std::min<std::size_t>(21, name.size()), ' ') +
               text + "\n";
    };
    if (all.exchanges != 0) {
        line("exchanges", std::to_string(all.exchanges) + " in " + number(all.seconds, 2) +
                              " s: " + number(rate(all), 0) + "/s" +
                              (all.errors != 0 ? ", ERRORS: " + std::to_string(all.errors) : ""));
        line("client CPU, each", number(each(all, all.used.cpu_us), 3) + " us (user " +
                                     number(each(all, all.used.user_us), 2) + ", system " +
                                     number(each(all, all.used.system_us), 2) + ")");
        line("latency", "p50 " + duration(all.latency.at(0.5)) + ", p90 " + duration(all.latency.at(0.9)) +
                            ", p99 " + duration(all.latency.at(0.99)) + ", p99.9 " +
                            duration(all.latency.at(0.999)) + ", max " + duration(all.latency.max()));
        line("allocations, each", number(each(all, static_cast<double>(all.used.allocations)), 2));
    }
    line("opening", number(all.opening_seconds, 2) + " s, " +
                        number(all.opening_cpu_us / std::max(1U, all.connections), 0) +
                        " us of CPU per connection, with its first exchange");
    line("memory", number(all.rss_kb / 1024, 1) + " MB resident, " + number(all.kb_per_connection, 1) +
                       " KB per connection, " + number(all.kb_per_exchange, 1) +
                       " KB per exchange in flight");
    line("handshakes", std::to_string(all.handshakes_full) + " full, " +
                           std::to_string(all.handshakes_resumed) + " resumed");
    return out;
}

} // namespace equinix::sts::bench
