#include "interop/origin.hpp"

#include <boost/asio/steady_timer.hpp>

#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace test {
namespace {

asio::awaitable<void> exchange_in_turn(sts::client client, int times, tally& all) {
    for (int i = 0; i < times; ++i) {
        auto const ended = co_await client.try_exchange(caller::request());
        all.add(ended);
    }
}

} // namespace

std::string token_json(std::string_view access_token) {
    return R"({"access_token":")" + std::string(access_token) +
           R"(","issued_token_type":"urn:ietf:params:oauth:token-type:access_token",)"
           R"("token_type":"Bearer","expires_in":3600})";
}

origin::origin() : identity_(sts::testing::make_server_identity({"127.0.0.1"})) {}

sts::client_options origin::options() const {
    sts::client_options made;
    made.endpoint = sts::endpoint("https://127.0.0.1:" + std::to_string(port()) + token_path);
    made.tls.ca_pem = identity_.ca_pem;
    made.retry.max_attempts = 1; // a second attempt would hide what the first has lost
    return made;
}

void origin::write(std::string const& name, std::string const& content) const {
    std::filesystem::rename(files_.file(name + ".new", content), path(name));
}

void origin::start(std::vector<std::string> command) {
    command_ = std::move(command);
    process_.emplace(command_, port(), files_.path());
}

nginx_server::nginx_server(setup const& how, std::string const& client_ca_pem) {
    write("server.pem", identity_.certificate_pem);
    write("server.key", identity_.key_pem);
    write("client-ca.pem", client_ca_pem);
    configure(how);
    start({find_program("nginx").value(), "-p", files_.path().string(), "-c", path("nginx.conf"), "-e",
           path("error.log")});
}

std::string nginx_server::answer(std::string_view access_token) {
    return "default_type application/json; return 200 '" + token_json(access_token) + "';";
}

void nginx_server::configure(setup const& how) const {
    std::ostringstream text;
    // Workers of another user could not write to the test's folder; anybody but root has no choice anyway.
    if (::geteuid() == 0) text << "user root;\n";
    text << "daemon off;\nworker_processes 2;\npid nginx.pid;\nerror_log error.log notice;\n"
         << "events { worker_connections 512; }\n"
         << "http {\n"
         << "  client_body_temp_path body; proxy_temp_path proxied; fastcgi_temp_path fastcgi;\n"
         << "  uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n"
         << "  log_format interop '$connection $connection_requests $status $ssl_protocol "
         << "$ssl_session_reused $request';\n"
         << "  access_log access.log interop;\n"
         << "  ssl_certificate server.pem; ssl_certificate_key server.key;\n"
         << "  server {\n"
         << "    listen 127.0.0.1:" << port() << " ssl " << how.listen << ";\n"
         << "    " << how.server << "\n"
         << "    location = " << token_path << " { " << how.location << " }\n"
         << "  }\n}\n";
    write("nginx.conf", text.str());
}

void nginx_server::reload(setup const& how) {
    configure(how);
    process_->signal(SIGHUP);
}

std::vector<nginx_server::logged_request> nginx_server::finish() {
    process_->end(SIGQUIT);
    std::vector<logged_request> all;
    std::istringstream lines(log("access.log"));
    for (std::string line; std::getline(lines, line);) {
        logged_request one;
        std::string reused;
        std::istringstream fields(line);
        fields >> one.connection >> one.requests >> one.status >> one.tls_version >> reused >> std::ws;
        std::getline(fields, one.line);
        one.resumed = reused == "r";
        // A connection without a request, as the one that found the server ready, is no request.
        if (!one.line.empty()) all.push_back(std::move(one));
    }
    return all;
}

haproxy_server::haproxy_server(setup const& how, std::string const& client_ca_pem) {
    write("client-ca.pem", client_ca_pem);
    write("server.pem", identity_.certificate_pem + identity_.key_pem);
    write("token.json", token_json());
    std::ostringstream text;
    text << "global\n  log stdout format raw local0\n  maxconn 500\n"
         << how.global << "\n"
         << "defaults\n  mode http\n  log global\n  timeout connect 10s\n  timeout server 10s\n"
         << how.defaults << "\n"
         << "frontend tokens\n  bind 127.0.0.1:" << port() << " ssl crt " << path("server.pem") << ' '
         << how.bind << "\n"
         << "  log-format \"request %cp %ST\"\n"
         << how.frontend << "\n"
         << how.rest << "\n";
    write("haproxy.cfg", text.str());
    start({find_program("haproxy").value(), "-db", "-f", path("haproxy.cfg")});
}

std::string haproxy_server::answer() {
    return "  http-request return status 200 content-type application/json file token.json";
}

std::vector<haproxy_server::logged_request> haproxy_server::finish() {
    process_->end(SIGUSR1);
    std::vector<logged_request> all;
    std::istringstream lines(log("output.log"));
    for (std::string line; std::getline(lines, line);) {
        logged_request one;
        std::string mark;
        std::istringstream fields(line);
        fields >> mark >> one.client_port >> one.status;
        if (mark == "request" && fields) all.push_back(one);
    }
    return all;
}

sts::client_options haproxy_server::patient_options() const {
    auto made = options();
    made.retry = sts::retry_options();
    return made;
}

std::vector<haproxy_server::logged_request> haproxy_server::check_retries(sts::client const& client) {
    auto const counted = client.stats();
    client.close();
    auto all = finish();
    auto const too_late = std::ranges::count(all, 408U, &logged_request::status);
    BOOST_TEST(counted.retries <= static_cast<std::uint64_t>(too_late));
    return all;
}

void tally::add(outcome const& ended) {
    if (ended.has_error()) {
        failures.push_back(ended.error().to_string());
        return;
    }
    ++tokens;
    latest = ended->access_token.reveal();
}

void caller::warm_up(sts::client const& client, std::size_t connections) {
    bool done = false;
    asio::co_spawn(context, client.warm_up(connections), [&](std::exception_ptr thrown) {
        BOOST_TEST(!thrown);
        done = true;
    });
    run_until(context, [&] { return done; });
    BOOST_TEST(client.stats().open == connections);
}

void caller::exchange_often(sts::client const& client, int coroutines, int times, tally& all) {
    int under_way = coroutines;
    for (int i = 0; i < coroutines; ++i)
        asio::co_spawn(context, exchange_in_turn(client, times, all), [&](std::exception_ptr thrown) {
            BOOST_TEST(!thrown);
            --under_way;
        });
    run_until(context, [&] { return under_way == 0; });
}

void caller::pause(std::chrono::milliseconds how_long) {
    bool over = false;
    asio::steady_timer timer(context, how_long);
    timer.async_wait([&](boost::system::error_code) { over = true; });
    run_until(context, [&] { return over; });
}

} // namespace test
