// Shows an exchange: the request, the answer, and what a pooled connection saves.
#include <equinix/sts.hpp>
#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

namespace sts = equinix::sts;
namespace asio = boost::asio;
using ms = std::chrono::duration<double, std::milli>;

/// Prints the form as it was sent, one field per line, without its secrets.
void show_form(std::string const& request) {
    auto form = request.substr(request.find("\r\n\r\n") + 4);
    std::cout << request.substr(0, request.find("\r\n")) << "\n";
    while (!form.empty()) {
        auto const field = form.substr(0, form.find('&'));
        form.erase(0, field.size() + 1);
        auto const value = field.find('=') + 1;
        bool const hidden = field.starts_with("subject_token=");
        std::cout << "  " << field.substr(0, value);
        if (hidden)
            std::cout << "[redacted, " << field.size() - value << " bytes]\n";
        else
            std::cout << field.substr(value) << "\n";
    }
}

asio::awaitable<void> run(sts::client client, sts::testing::mock_sts& service, int& status) {
    try {
        auto const request = sts::exchange_request(sts::subject_token(service.id_token()))
                                 .scope(sts::scope::role_assignments("4711"));
        std::vector<double> times;
        std::optional<sts::token> token;
        for (int i = 0; i < 101; ++i) {
            auto const start = std::chrono::steady_clock::now();
            auto got = co_await client.exchange(request);
            times.push_back(ms(std::chrono::steady_clock::now() - start).count());
            token = std::move(got);
        }
        auto const connections = service.connections();
        // The service closes the connection after this answer; the next connection resumes the TLS session.
        service.next(sts::testing::mock_answer::genuine().close_after());
        co_await client.exchange(request);
        auto const resuming = std::chrono::steady_clock::now();
        co_await client.exchange(request);
        auto const resumed = ms(std::chrono::steady_clock::now() - resuming).count();
        auto const stats = client.stats();

        std::cout << "The request\n";
        show_form(service.raw_requests().front());
        std::cout << "\nThe token: " << token->token_type << ", " << token->access_token.size()
                  << " bytes, valid for " << token->expires_in->count() << " s\n  "
                  << service.claims(token->access_token.reveal()).value_or("not issued by the mock") << "\n";
        auto const cold = times.front();
        times.erase(times.begin());
        std::nth_element(times.begin(), times.begin() + 50, times.end());
        std::cout << std::fixed << std::setprecision(2) << "\nTimings\n  cold (name, TCP, TLS, exchange)  "
                  << cold << " ms\n  pooled (median of 100)           " << times[50]
                  << " ms\n  connections opened               " << connections
                  << "\n\nAfter the service closed the connection\n  new connection, TLS "
                  << (stats.handshakes_resumed == 1 ? "resumed      " : "not resumed  ") << resumed
                  << " ms\n  handshakes full / resumed        " << stats.handshakes_full << " / "
                  << stats.handshakes_resumed << "\n";
        status = 0;
    } catch (sts::error const& error) {
        std::cerr << error.what() << '\n';
    }
    client.close();
}

int main() {
    sts::testing::mock_sts service;
    sts::client_options options;
    options.endpoint = sts::endpoint(service.url());
    options.tls.ca_pem = service.ca_pem();

    asio::io_context context;
    int status = 1;
    asio::co_spawn(context, run(sts::client(context.get_executor(), options), service, status),
                   asio::detached);
    context.run();
    return status;
}
