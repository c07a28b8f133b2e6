// OpenTelemetry spans of a client's attempts, as children of a span of the program.
#include <equinix/sts.hpp>
#include <equinix/sts/opentelemetry.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <opentelemetry/exporters/memory/in_memory_span_data.h>
#include <opentelemetry/exporters/memory/in_memory_span_exporter_factory.h>
#include <opentelemetry/sdk/trace/simple_processor_factory.h>
#include <opentelemetry/sdk/trace/tracer_provider_factory.h>

#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;
namespace trace = opentelemetry::sdk::trace;
namespace memory = opentelemetry::exporter::memory;

int main() {
    std::shared_ptr<memory::InMemorySpanData> spans; // in place of a collector
    auto provider = trace::TracerProviderFactory::Create(
        trace::SimpleSpanProcessorFactory::Create(memory::InMemorySpanExporterFactory::Create(spans)));
    auto const tracer = provider->GetTracer("my-service");
    sts::testing::mock_sts service;
    service.next(sts::testing::mock_answer::error(503, ""));
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    // [observer]
    auto const mine =
        tracer->StartSpan("list orders"); // in a server, one for each request: find it by its tag
    sts::opentelemetry_options how;
    how.tracer = provider->GetTracer("equinix-sts");
    how.parent = [&](std::uint64_t) { return mine->GetContext(); };
    options.observer = sts::opentelemetry_observer(options.endpoint, how);
    // [observer]
    asio::io_context context;
    sts::client const client(context.get_executor(), options);
    auto const request =
        sts::exchange_request(sts::subject_token(service.id_token())).scope(sts::scope("s")).tag(4711);
    asio::co_spawn(context, client.exchange(request), [&](auto const&...) { client.close(); });
    context.run();
    mine->End();
    int attempts = 0;
    for (auto const& one : spans->GetSpans()) {
        std::cout << one->GetName();
        for (auto const& [name, value] : one->GetAttributes())
            if (auto const* const text = opentelemetry::nostd::get_if<std::string>(&value))
                std::cout << ' ' << name << '=' << *text;
        std::cout << '\n';
        attempts += one->GetParentSpanId() == mine->GetContext().span_id() ? 1 : 0;
    }
    return attempts == 2 ? 0 : 1; // a 503 and a token
}
