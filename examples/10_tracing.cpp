// Spans as in OpenTelemetry, made by the observer: an exchange's attempts, waits and connections.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <mutex>
#include <string>
#include <vector>

namespace sts = equinix::sts;
namespace asio = boost::asio;

/// What goes to an exporter.
struct span {
    std::uint64_t exchange, tag; // its exchange: the client's number, and the program's own
    std::string name, attributes;
    std::chrono::steady_clock::time_point begin, end;
};

// [tracer]
class tracer {
public:
    void operator()(sts::event const& what) {
        span made{what.exchange, what.tag, "", "", what.at - what.duration, what.at};
        switch (what.type) {
        case sts::event_type::attempt_ended: // without a connection, this includes the wait for one
            made.name = "POST /use/token";
            made.attributes = ", http.request.resend_count=" + std::to_string(what.attempt - 1);
            if (what.http_status != 0)
                made.attributes += ", http.response.status_code=" + std::to_string(what.http_status);
            if (what.failed) made.attributes += ", error.type=" + std::string(to_string(what.kind));
            break;
        case sts::event_type::retry_scheduled: // the wait begins now
            made = {what.exchange, what.tag, "backoff", "", what.at, what.at + what.duration};
            break;
        case sts::event_type::connection_opened:
        case sts::event_type::connection_resumed:
            made.name = "connect";
            break;
        default:
            return;
        }
        std::scoped_lock const lock(mutex_); // any thread may call; the program exports the spans
        spans_.push_back(std::move(made));
    }
    std::vector<span> take() {
        std::scoped_lock const lock(mutex_);
        return std::move(spans_);
    }

private:
    std::mutex mutex_;
    std::vector<span> spans_;
};
// [tracer]

int main() {
    sts::testing::mock_sts service;
    service.next(sts::testing::mock_answer::error(503, ""));
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();
    tracer traces;
    options.observer = std::ref(traces); // must outlive the client
    asio::io_context context;
    sts::client const client(context.get_executor(), options);
    auto const id_token = sts::subject_token(service.id_token());
    auto const request = sts::exchange_request(id_token).scope(sts::scope("s")).tag(4711);
    asio::co_spawn(context, client.exchange(request), [&](auto const&...) { client.close(); });
    context.run();
    auto const spans = traces.take();
    for (auto const& one : spans)
        std::cout << one.exchange << ' ' << one.tag << ' ' << one.name << ", "
                  << (one.end - one.begin).count() / 1000 << " us" << one.attributes << '\n';
    return spans.size() == 5 ? 0 : 1; // connect, attempt, backoff, connect, attempt
}
