// The pure parts of an exchange.
#include "base/form.hpp"
#include "base/http_date.hpp"
#include "core/pool_core.hpp"
#include "core/request_bytes.hpp"
#include "core/response.hpp"
#include "net/response_parser.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace sts = equinix::sts;
namespace base = sts::base;
namespace core = sts::core;

namespace {

std::string const jwt = [] {
    std::string made = "eyJhbGciOiJFUzI1NiJ9.";
    while (made.size() < 1200)
        made += "aZ09-_bY18";
    return made;
}();

std::string const body = R"({"access_token":")" + jwt.substr(0, 700) +
                         R"(","issued_token_type":"urn:ietf:params:oauth:token-type:access_token",)"
                         R"("token_type":"Bearer","expires_in":3600})";

void form_encoding(benchmark::State& state) {
    base::wiped_buffer out;
    for (auto _ : state) {
        out.clear();
        base::form_encode(out, jwt);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * jwt.size()));
}
BENCHMARK(form_encoding);

void writing_a_request(benchmark::State& state) {
    auto const request =
        sts::exchange_request(sts::subject_token(jwt)).scope(sts::scope::role_assignments("1"));
    auto const prefix = core::head_prefix(sts::client_options());
    base::wiped_buffer out;
    for (auto _ : state) {
        base::wipe(out);
        core::write_request(out, prefix, request);
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(writing_a_request);

void copying_a_request(benchmark::State& state) {
    auto const request =
        sts::exchange_request(sts::subject_token(jwt)).scope(sts::scope::role_assignments("1"));
    for (auto _ : state) {
        auto copy = request;
        benchmark::DoNotOptimize(copy);
    }
}
BENCHMARK(copying_a_request);

void parsing_the_head(benchmark::State& state) {
    auto const answer = "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Tue, 24 Nov 2026 14:00:00 GMT\r\n"
                        "Content-Type: application/json\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\nConnection: keep-alive\r\n\r\n" + body;
    sts::net::answer_storage storage;
    for (auto _ : state) {
        storage.clear();
        sts::net::response_parser parser(storage, 16384, 1 << 20);
        boost::system::error_code ec;
        auto const used = parser.put(boost::asio::buffer(answer), ec);
        if (ec || used != answer.size() || !parser.is_done()) state.SkipWithError("not parsed");
    }
}
BENCHMARK(parsing_the_head);

void judging_the_body(benchmark::State& state) {
    core::answer answer{200, "application/json", {}, {}, body};
    for (auto _ : state) {
        auto judged = core::judge(answer, core::judgement_context());
        if (!judged.has_value()) state.SkipWithError("no token");
        benchmark::DoNotOptimize(judged);
    }
}
BENCHMARK(judging_the_body);

void pool_lease_and_return(benchmark::State& state) {
    equinix::sts::pool_options limits;
    limits.max_connections = limits.max_opening = static_cast<std::size_t>(state.range(0));
    core::pool_core pool(limits, equinix::sts::retry_options());
    auto const now = base::clock::now();
    std::vector<core::pool_slot> slots(limits.max_connections);
    {
        core::pool_core::plan plan;
        pool.warm_up(slots.size(), now, plan);
    }
    for (auto& slot : slots) {
        core::pool_core::plan plan;
        pool.opened(slot, now, plan);
    }
    for (auto _ : state) {
        core::pool_waiter waiter;
        core::pool_core::plan plan, after;
        pool.acquire(waiter, now, plan);
        if (plan.to.empty()) state.SkipWithError("no connection");
        pool.returned(*plan.to.front().slot, now, after);
    }
    core::pool_core::plan end;
    pool.drop_idle(end);
    end.drop.clear();
}
BENCHMARK(pool_lease_and_return)->Arg(1)->Arg(1024);

} // namespace
