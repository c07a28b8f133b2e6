// Metrics of a client and a token source with prometheus-cpp, in the format that Prometheus reads.
#include <equinix/sts.hpp>
#include <equinix/sts/prometheus.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <prometheus/text_serializer.h>

#include <iostream>

namespace sts = equinix::sts;
namespace asio = boost::asio;

int main() {
    sts::testing::mock_sts service;
    service.next(sts::testing::mock_answer::error(503, ""));
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    // [collector]
    auto const metrics = std::make_shared<sts::prometheus_collector>();
    options.observer = metrics->attempts(); // for the histogram

    asio::io_context context;
    sts::client const client(context.get_executor(), options);
    sts::token_source const tokens(client, sts::exchange_request(sts::subject_token(service.id_token()))
                                               .scope(sts::scope::role_assignments("4711")));
    metrics->watch("sts", client);
    metrics->watch("orders", tokens);
    // With a prometheus::Exposer: exposer.RegisterCollectable(metrics);
    // [collector]
    std::string page; // what GET /metrics returns
    asio::co_spawn(context, tokens.warm_up(), [&](auto const&...) {
        page = prometheus::TextSerializer().Serialize(metrics->Collect());
        metrics->forget("sts");
        metrics->forget("orders");
        tokens.close();
        client.close();
    });
    context.run();
    bool right = metrics->Collect().size() == 1; // only the histogram is left
    for (auto const* const line :
         {"equinix_sts_exchanges_total{client=\"sts\",result=\"token\"} 1\n",
          "equinix_sts_retries_total{client=\"sts\"} 1\n", "equinix_sts_tokens_total{source=\"orders\"} 1\n",
          "equinix_sts_attempt_seconds_count 2\n"}) {
        bool const there = page.find(line) != std::string::npos;
        std::cout << (there ? "" : "MISSING: ") << line;
        right = right && there;
    }
    return right ? 0 : 1;
}
