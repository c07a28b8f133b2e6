#include <equinix/sts/opentelemetry.hpp>
#include <equinix/sts/version.hpp>

#include <opentelemetry/context/context.h>
#include <opentelemetry/metrics/provider.h>
#include <opentelemetry/trace/provider.h>
#include <opentelemetry/trace/span_startoptions.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace equinix::sts {
namespace {

namespace trace = opentelemetry::trace;
namespace metrics = opentelemetry::metrics;
namespace nostd = opentelemetry::nostd;
using attributes = std::map<std::string, opentelemetry::common::AttributeValue>;

constexpr char scope[] = "equinix-sts";

/// The port is -1 if the text has none.
std::pair<std::string, std::int64_t> split(std::string_view address) {
    auto const colon = address.rfind(':');
    std::int64_t port = -1;
    if (colon == std::string_view::npos) return {std::string(address), port};
    port = std::strtol(std::string(address.substr(colon + 1)).c_str(), nullptr, 10);
    auto host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return {std::string(host), port};
}

class attempts {
public:
    attempts(endpoint const& where, opentelemetry_options options)
        : options_(std::move(options)), host_(where.host()), port_(where.port()),
          url_(where.url().substr(0, where.url().find('?'))) {
        if (!options_.tracer)
            options_.tracer = trace::Provider::GetTracerProvider()->GetTracer(scope, EQUINIX_STS_VERSION);
        if (!options_.meter)
            options_.meter = metrics::Provider::GetMeterProvider()->GetMeter(scope, EQUINIX_STS_VERSION);
        durations_ = options_.meter->CreateDoubleHistogram("http.client.request.duration",
                                                           "Duration of HTTP client requests.", "s");
    }

    void ended(event const& what) const {
        auto const error = what.http_status >= 400 ? std::to_string(what.http_status)
                           : what.failed           ? std::string(to_string(what.kind))
                                                   : std::string();
        attributes of{
            {"http.request.method", "POST"}, {"server.address", host_.c_str()}, {"server.port", port_}};
        if (what.http_status != 0)
            of["http.response.status_code"] = static_cast<std::int64_t>(what.http_status);
        if (!error.empty()) of["error.type"] = error.c_str();
        if (what.connection != 0) of["network.protocol.version"] = what.http2 ? "2" : "1.1";
        durations_->Record(std::chrono::duration<double>(what.duration).count(), of,
                           opentelemetry::context::Context());
        auto const [peer, peer_port] = split(what.address);
        of["url.full"] = url_.c_str();
        if (what.attempt > 1) of["http.request.resend_count"] = static_cast<std::int64_t>(what.attempt - 1);
        if (!peer.empty()) of["network.peer.address"] = peer.c_str();
        if (peer_port >= 0) of["network.peer.port"] = peer_port;
        make_span(what, of, !error.empty());
    }

private:
    void make_span(event const& what, attributes const& of, bool failed) const {
        trace::StartSpanOptions begin;
        begin.kind = trace::SpanKind::kClient;
        begin.start_steady_time = opentelemetry::common::SteadyTimestamp(what.at - what.duration);
        auto const age = std::chrono::steady_clock::now() - what.at + what.duration;
        begin.start_system_time = opentelemetry::common::SystemTimestamp(
            std::chrono::system_clock::now() -
            std::chrono::duration_cast<std::chrono::system_clock::duration>(age));
        if (options_.parent) begin.parent = options_.parent(what.tag);
        auto const span = options_.tracer->StartSpan("POST", of, begin);
        if (failed) span->SetStatus(trace::StatusCode::kError);
        trace::EndSpanOptions end;
        end.end_steady_time = opentelemetry::common::SteadyTimestamp(what.at);
        span->End(end);
    }

    opentelemetry_options options_;
    std::string const host_;
    std::int64_t const port_;
    std::string const url_;
    nostd::unique_ptr<metrics::Histogram<double>> durations_;
};

} // namespace

observer opentelemetry_observer(endpoint const& where, opentelemetry_options options) {
    auto const all = std::make_shared<attempts const>(where, std::move(options));
    return [all](event const& what) {
        if (what.type == event_type::attempt_ended) all->ended(what);
    };
}

} // namespace equinix::sts
