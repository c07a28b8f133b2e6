// Spans and metrics of attempts, as an exporter of OpenTelemetry gets them.
#include "support/service.hpp"

#include <equinix/sts/opentelemetry.hpp>

#include <opentelemetry/exporters/memory/in_memory_metric_data.h>
#include <opentelemetry/exporters/memory/in_memory_metric_exporter_factory.h>
#include <opentelemetry/exporters/memory/in_memory_span_data.h>
#include <opentelemetry/exporters/memory/in_memory_span_exporter_factory.h>
#include <opentelemetry/sdk/metrics/export/periodic_exporting_metric_reader_factory.h>
#include <opentelemetry/sdk/metrics/export/periodic_exporting_metric_reader_options.h>
#include <opentelemetry/sdk/metrics/meter_provider.h>
#include <opentelemetry/sdk/trace/simple_processor_factory.h>
#include <opentelemetry/sdk/trace/tracer_provider_factory.h>

#include <map>

using namespace test;
using namespace std::chrono_literals;
namespace trace = opentelemetry::sdk::trace;
namespace metrics = opentelemetry::sdk::metrics;
namespace memory = opentelemetry::exporter::memory;
namespace nostd = opentelemetry::nostd;
using texts = std::map<std::string, std::string>;

namespace {

/// The attributes as texts: numbers in decimal.
template <class Attributes>
texts shown(Attributes const& of) {
    texts all;
    for (auto const& [name, value] : of)
        if (auto const* const text = nostd::get_if<std::string>(&value))
            all[name] = *text;
        else
            all[name] = std::to_string(nostd::get<std::int64_t>(value));
    return all;
}

struct fixture {
    std::shared_ptr<memory::InMemorySpanData> spans;
    std::unique_ptr<opentelemetry::trace::TracerProvider> traces = trace::TracerProviderFactory::Create(
        trace::SimpleSpanProcessorFactory::Create(memory::InMemorySpanExporterFactory::Create(spans)));
    std::shared_ptr<memory::SimpleAggregateInMemoryMetricData> points =
        std::make_shared<memory::SimpleAggregateInMemoryMetricData>();
    metrics::MeterProvider meters;
    sts::opentelemetry_options options;
    sts::event attempt;

    fixture() {
        metrics::PeriodicExportingMetricReaderOptions seldom;
        seldom.export_interval_millis = 1h;
        meters.AddMetricReader(metrics::PeriodicExportingMetricReaderFactory::Create(
            memory::InMemoryMetricExporterFactory::Create(points), seldom));
        options.tracer = traces->GetTracer("equinix-sts");
        options.meter = meters.GetMeter("equinix-sts");
        attempt.type = sts::event_type::attempt_ended;
        attempt.at = std::chrono::steady_clock::now();
        attempt.attempt = 1;
        attempt.connection = 1;
        attempt.address = "127.0.0.1:8443";
        attempt.http_status = 200;
        attempt.duration = 40ms;
    }
    /// The span that an observer makes of the attempt.
    std::unique_ptr<trace::SpanData>
    span(std::string const& url = "https://sts.example.com/use/token?key=1") {
        sts::opentelemetry_observer(sts::endpoint(url), options)(attempt);
        auto made = spans->GetSpans();
        BOOST_REQUIRE(made.size() == 1U);
        return std::move(made.front());
    }
    texts attributes() { return shown(span()->GetAttributes()); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(opentelemetry_observer, fixture)

BOOST_AUTO_TEST_CASE(an_attempt_is_a_span_of_a_client) {
    auto const made = span();
    BOOST_TEST(made->GetName() == "POST");
    BOOST_TEST((made->GetSpanKind() == opentelemetry::trace::SpanKind::kClient));
    BOOST_TEST((made->GetStatus() == opentelemetry::trace::StatusCode::kUnset));
    BOOST_TEST((made->GetDuration() == 40ms));
    BOOST_TEST(!made->GetParentSpanId().IsValid());
}

BOOST_AUTO_TEST_CASE(it_began_when_the_attempt_did) {
    attempt.at -= 10s;
    auto const made = span();
    auto const began = made->GetStartTime().time_since_epoch();
    auto const right = std::chrono::system_clock::now().time_since_epoch() - 10s - 40ms;
    BOOST_TEST((began > right - 5s));
    BOOST_TEST((began < right + 5s));
}

BOOST_AUTO_TEST_CASE(its_attributes_are_those_of_the_conventions) {
    texts const expected = {{"http.request.method", "POST"},
                            {"http.response.status_code", "200"},
                            {"network.peer.address", "127.0.0.1"},
                            {"network.peer.port", "8443"},
                            {"network.protocol.version", "1.1"},
                            {"server.address", "sts.example.com"},
                            {"server.port", "443"},
                            {"url.full", "https://sts.example.com/use/token"}};
    BOOST_TEST((attributes() == expected));
}

BOOST_AUTO_TEST_CASE(an_ipv6_peer_is_without_brackets) {
    attempt.address = "[::1]:8443";
    auto const of = attributes();
    BOOST_TEST(of.at("network.peer.address") == "::1");
    BOOST_TEST(of.at("network.peer.port") == "8443");
}

BOOST_AUTO_TEST_CASE(a_second_attempt_says_how_often_it_was_sent_again) {
    attempt.attempt = 3;
    BOOST_TEST(attributes().at("http.request.resend_count") == "2");
}

BOOST_AUTO_TEST_CASE(http2_is_its_protocol) {
    attempt.http2 = true;
    BOOST_TEST(attributes().at("network.protocol.version") == "2");
}

BOOST_AUTO_TEST_CASE(a_status_of_400_or_more_is_the_type_of_the_error) {
    attempt.http_status = 503;
    attempt.failed = true;
    attempt.kind = sts::error_kind::unavailable;
    auto const made = span();
    BOOST_TEST((made->GetStatus() == opentelemetry::trace::StatusCode::kError));
    BOOST_TEST(shown(made->GetAttributes()).at("error.type") == "503");
}

BOOST_AUTO_TEST_CASE(without_an_answer_the_kind_is_the_type_of_the_error) {
    attempt.http_status = 0;
    attempt.connection = 0;
    attempt.address = {};
    attempt.failed = true;
    attempt.kind = sts::error_kind::timeout;
    auto const of = attributes();
    BOOST_TEST(of.at("error.type") == "timeout");
    for (auto const* const name : {"http.response.status_code", "network.peer.address", "network.peer.port",
                                   "network.protocol.version"})
        BOOST_TEST(!of.contains(name), name);
}

BOOST_AUTO_TEST_CASE(its_parent_is_found_by_the_tag) {
    auto const mine = traces->GetTracer("my-service")->StartSpan("list orders");
    std::uint64_t asked = 0;
    options.parent = [&](std::uint64_t tag) {
        asked = tag;
        return mine->GetContext();
    };
    attempt.tag = 4711;
    auto const made = span();
    BOOST_TEST(asked == 4711U);
    BOOST_TEST((made->GetParentSpanId() == mine->GetContext().span_id()));
    BOOST_TEST((made->GetTraceId() == mine->GetContext().trace_id()));
}

BOOST_AUTO_TEST_CASE(only_the_end_of_an_attempt_is_a_span) {
    attempt.type = sts::event_type::attempt_began;
    sts::opentelemetry_observer(sts::endpoint("https://sts.example.com"), options)(attempt);
    BOOST_TEST(spans->GetSpans().empty());
}

BOOST_AUTO_TEST_CASE(durations_are_measured_in_seconds_without_what_differs_from_call_to_call) {
    auto const observe = sts::opentelemetry_observer(sts::endpoint("https://sts.example.com"), options);
    observe(attempt);
    attempt.address = "127.0.0.2:8443";
    attempt.duration = 60ms;
    observe(attempt);
    BOOST_REQUIRE(meters.ForceFlush());
    auto const& series = points->Get("equinix-sts", "http.client.request.duration");
    BOOST_REQUIRE(series.size() == 1U);
    auto const& [of, point] = *series.begin();
    BOOST_TEST((shown(of) == texts{{"http.request.method", "POST"},
                                   {"http.response.status_code", "200"},
                                   {"network.protocol.version", "1.1"},
                                   {"server.address", "sts.example.com"},
                                   {"server.port", "443"}}));
    auto const& measured = nostd::get<metrics::HistogramPointData>(point);
    BOOST_TEST(measured.count_ == 2U);
    BOOST_TEST(nostd::get<double>(measured.sum_) == 0.1, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_SUITE_END()
