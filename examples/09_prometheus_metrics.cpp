// Metrics in the text format of Prometheus: numbers from stats(), a histogram from the observer.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <atomic>
#include <iostream>
#include <sstream>

namespace sts = equinix::sts;
namespace asio = boost::asio;

// [histogram]
/// The durations of attempts, including the wait of those that got no connection. Thread-safe.
class attempt_seconds {
public:
    void operator()(sts::event const& what) {
        if (what.type != sts::event_type::attempt_ended) return;
        auto const seconds = std::chrono::duration<double>(what.duration).count();
        for (std::size_t i = 0; i < bounds.size(); ++i)
            if (seconds <= bounds[i]) ++counts_[i];
        ++count_;
        nanoseconds_ += what.duration.count();
    }
    void write(std::ostream& out) const {
        out << "# TYPE sts_attempt_seconds histogram\n";
        for (std::size_t i = 0; i < bounds.size(); ++i)
            out << "sts_attempt_seconds_bucket{le=\"" << bounds[i] << "\"} " << counts_[i] << '\n';
        out << "sts_attempt_seconds_bucket{le=\"+Inf\"} " << count_ << "\nsts_attempt_seconds_sum "
            << double(nanoseconds_) * 1e-9 << "\nsts_attempt_seconds_count " << count_ << '\n';
    }

private:
    static constexpr std::array bounds = {0.005, 0.02, 0.1,
                                          0.5,   2.0,  10.0}; // the default of attempt_timeout is 10 s
    std::array<std::atomic<std::uint64_t>, bounds.size()> counts_{};
    std::atomic<std::uint64_t> count_{0};
    std::atomic<std::int64_t> nanoseconds_{0};
};
// [histogram]
// [numbers]
void write(std::ostream& out, sts::stats const& now) {
    out << "# TYPE sts_exchanges_total counter\nsts_exchanges_total{result=\"token\"} " << now.succeeded
        << '\n';
    for (unsigned i = 1; i <= sts::error_kinds; ++i) {
        auto const kind = static_cast<sts::error_kind>(i);
        out << "sts_exchanges_total{result=\"" << to_string(kind) << "\"} " << now.failed(kind) << '\n';
    }
    out << "# TYPE sts_retries_total counter\nsts_retries_total " << now.retries
        << "\n# TYPE sts_connections gauge\nsts_connections{state=\"idle\"} " << now.idle
        << "\nsts_connections{state=\"leased\"} " << now.leased << "\nsts_connections{state=\"opening\"} "
        << now.opening << "\n# TYPE sts_waiting gauge\nsts_waiting " << now.waiting << '\n';
}
// [numbers]

int main() {
    sts::testing::mock_sts service;
    service.next(sts::testing::mock_answer::error(503, ""));
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    attempt_seconds histogram;
    options.observer = std::ref(histogram); // must outlive the client
    asio::io_context context;
    sts::client const client(context.get_executor(), options);
    auto const request = sts::exchange_request(sts::subject_token(service.id_token())).scope(sts::scope("s"));
    std::ostringstream page; // what GET /metrics returns
    asio::co_spawn(context, client.exchange(request), [&](auto const&...) {
        write(page, client.stats());
        histogram.write(page);
        client.close();
    });
    context.run();
    std::cout << page.str();
    return page.str().find("sts_attempt_seconds_count 2\n") != std::string::npos ? 0 : 1;
}
