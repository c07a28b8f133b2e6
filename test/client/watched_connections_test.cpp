// Several exchanges at once on a client of one thread, whose connections the pool watches together.
#include "support/descriptors.hpp"
#include "support/service.hpp"
#include "testing/certificates.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

using namespace test;
namespace testing = equinix::sts::testing;
using asio::ip::tcp;
using sts::error_kind;

namespace {

constexpr int loops = 8;

std::string answer_with(std::string const& token) {
    auto const body = R"({"access_token":")" + token +
                      R"(","issued_token_type":"urn:ietf:params:oauth:token-type:access_token",)"
                      R"("token_type":"Bearer","expires_in":3600})";
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string value_of(std::string const& form, std::string const& name) {
    auto const at = form.find(name + "=") + name.size() + 1;
    return form.substr(at, form.find('&', at) - at);
}

/// Answers with a token that repeats the subject token, and says more when it is told to.
class talkative_server {
public:
    talkative_server() {
        testing::certificate const authority = testing::issue(testing::authority_spec("test root"));
        testing::certificate const shown =
            testing::issue(testing::server_spec({testing::ip("127.0.0.1")}), authority);
        ca_pem = authority.pem();
        trust_.use_certificate_chain(asio::buffer(shown.pem()));
        trust_.use_private_key(asio::buffer(shown.key_pem()), asio::ssl::context::pem);
        asio::co_spawn(context_, accept(), asio::detached);
        thread_ = std::thread([this] { context_.run(); });
    }
    talkative_server(talkative_server const&) = delete;
    talkative_server& operator=(talkative_server const&) = delete;
    ~talkative_server() {
        context_.stop();
        thread_.join();
    }

    std::string url() const { return "https://127.0.0.1:" + std::to_string(port_) + "/use/token"; }

    /// Sends this on every connection. It is in the clients' sockets when this returns.
    void say(std::string const& bytes) {
        in_its_thread([&] {
            for (auto const& one : connections_) {
                boost::system::error_code ended;
                asio::write(*one, asio::buffer(bytes), ended);
            }
        });
    }

    /// Closes every connection.
    void hang_up() {
        in_its_thread([&] {
            for (auto const& one : connections_)
                one->lowest_layer().close();
            connections_.clear();
        });
    }

    std::string ca_pem;

private:
    using stream = asio::ssl::stream<tcp::socket>;
    static constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

    template <class Work>
    void in_its_thread(Work work) {
        std::promise<void> done;
        asio::post(context_, [&] {
            work();
            done.set_value();
        });
        done.get_future().wait();
    }

    asio::awaitable<void> accept() {
        for (;;) {
            auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
            socket.set_option(tcp::no_delay(true));
            asio::co_spawn(context_, serve(std::make_shared<stream>(std::move(socket), trust_)),
                           asio::detached);
        }
    }

    asio::awaitable<void> serve(std::shared_ptr<stream> with) {
        auto const shaken = co_await with->async_handshake(asio::ssl::stream_base::server, quiet);
        if (std::get<0>(shaken)) co_return;
        connections_.push_back(with);
        std::string in;
        for (;;) {
            auto const head =
                co_await asio::async_read_until(*with, asio::dynamic_buffer(in), "\r\n\r\n", quiet);
            if (std::get<0>(head)) break;
            constexpr std::string_view length = "Content-Length: ";
            auto const size = std::stoul(in.substr(in.find(length) + length.size()));
            auto const whole = std::get<1>(head) + size;
            if (in.size() < whole) {
                auto const rest = co_await asio::async_read(*with, asio::dynamic_buffer(in),
                                                            asio::transfer_exactly(whole - in.size()), quiet);
                if (std::get<0>(rest)) break;
            }
            auto const out = answer_with("for-" + value_of(in.substr(std::get<1>(head)), "subject_token"));
            in.erase(0, whole);
            co_await asio::async_write(*with, asio::buffer(out), quiet);
        }
        connections_.remove(with);
    }

    asio::io_context context_{1};
    asio::ssl::context trust_{asio::ssl::context::tls_server};
    tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    std::uint16_t const port_ = acceptor_.local_endpoint().port();
    std::list<std::shared_ptr<stream>> connections_;
    std::thread thread_;
};

struct fixture {
    talkative_server server;
    asio::io_context context;

    sts::client client(bool thread_safe = false) {
        sts::client_options options;
        options.endpoint = sts::endpoint(server.url());
        options.tls.ca_pem = server.ca_pem;
        options.thread_safe = thread_safe;
        options.pool.max_connections = loops;
        options.timeout = std::chrono::seconds(30);
        return sts::client(context.get_executor(), options);
    }

    static sts::exchange_request request(std::string const& subject) {
        return sts::exchange_request(sts::subject_token(subject));
    }

    /// Exchanges at the same time, whose outcomes must be right.
    void exchange_together(sts::client const& client, std::string const& name) {
        int left = loops;
        for (int i = 0; i < loops; ++i)
            asio::co_spawn(context, one(client, name + std::to_string(i), left), asio::detached);
        run_until(context, [&] { return left == 0; });
    }

    template <class Condition>
    void run_on_two_threads_until(Condition holds) {
        auto const work = asio::make_work_guard(context);
        context.restart();
        std::thread first([this] { context.run(); }), second([this] { context.run(); });
        BOOST_TEST(eventually(holds));
        context.stop();
        first.join();
        second.join();
    }

    static asio::awaitable<void> one(sts::client client, std::string subject, int& left) {
        auto asked = request(subject);
        auto const got = co_await client.try_exchange(asked);
        check(got, subject);
        --left;
    }

    static bool is_of(outcome const& got, std::string const& subject) {
        return got.has_value() && got->access_token.reveal() == "for-" + subject;
    }
    static void check(outcome const& got, std::string const& subject) {
        BOOST_TEST(got.has_value(), (got.has_error() ? got.error().to_string() : std::string()));
        if (got.has_value()) BOOST_TEST(got->access_token.reveal() == "for-" + subject);
    }
};

/// Loops that exchange in step: the last one to have its token calls `between`, then all go on.
struct in_step {
    fixture& with;
    sts::client client;
    int rounds;
    std::function<void()> between;
    int left = loops;
    int running = loops;
    asio::steady_timer gate{with.context};

    asio::awaitable<void> run(int number) {
        for (int round = 0; round < rounds; ++round) {
            auto const subject = std::to_string(number) + "-" + std::to_string(round);
            auto asked = fixture::request(subject);
            auto const got = co_await client.try_exchange(asked);
            fixture::check(got, subject);
            if (--left == 0) {
                left = loops;
                between();
                gate.expires_at(asio::steady_timer::time_point::max());
            } else {
                co_await gate.async_wait(asio::as_tuple(asio::use_awaitable));
            }
        }
        --running;
    }
    void run() {
        gate.expires_at(asio::steady_timer::time_point::max());
        for (int i = 0; i < loops; ++i)
            asio::co_spawn(with.context, run(i), asio::detached);
        run_until(with.context, [&] { return running == 0; });
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(watched_connections, fixture)

BOOST_AUTO_TEST_CASE(D29_an_answer_that_comes_between_two_exchanges_is_not_that_of_the_next) {
    for (bool const thread_safe : {false, true}) {
        in_step all{*this, client(thread_safe), 20, [&] { server.say(answer_with("stray")); }};
        all.run();
        BOOST_TEST(all.client.stats().replaced > 0U);
        BOOST_TEST(all.client.stats().retries == 0U);
    }
}

BOOST_AUTO_TEST_CASE(a_connection_that_the_server_closes_while_it_is_idle_leaves_the_pool) {
    auto const client = this->client();
    exchange_together(client, "a");
    exchange_together(client, "b");
    BOOST_TEST(client.stats().open != 0U);
    server.hang_up();
    run_until(context, [&] { return client.stats().open == 0; });
    exchange_together(client, "c");
}

BOOST_AUTO_TEST_CASE(the_context_has_nothing_left_to_do_once_the_client_is_closed) {
    auto client = this->client();
    exchange_together(client, "a");
    exchange_together(client, "b");
    client.close();
    context.restart();
    context.run();
    BOOST_TEST(client.stats().open == 0U);
}

BOOST_AUTO_TEST_CASE(the_context_may_go_first) {
    auto const before = open_descriptors();
    auto own = std::make_unique<asio::io_context>(1);
    sts::client_options options;
    options.endpoint = sts::endpoint(server.url());
    options.tls.ca_pem = server.ca_pem;
    options.thread_safe = false;
    sts::client const client(own->get_executor(), options);
    int left = loops;
    for (int i = 0; i < 2 * loops; ++i)
        asio::co_spawn(*own, one(client, std::to_string(i), left), asio::detached);
    run_until(*own, [&] { return left <= 0; }); // half of them
    own.reset();
    BOOST_TEST(eventually([&] { return open_descriptors() == before; }));
}

BOOST_AUTO_TEST_CASE(a_caller_may_close_the_client_before_the_others_continue) {
    auto client = this->client();
    exchange_together(client, "a");
    int left = 2 * loops, canceled = 0;
    for (int i = 0; i < 2 * loops; ++i)
        asio::co_spawn(
            context,
            [](sts::client which, int& open, int& ended) -> asio::awaitable<void> {
                auto asked = request("b");
                auto const got = co_await which.try_exchange(asked);
                which.close();
                if (got.has_error() && got.error().kind == error_kind::canceled) ++ended;
                --open;
            }(client, left, canceled),
            asio::detached);
    run_until(context, [&] { return left == 0; });
    BOOST_TEST(canceled != 0);
    BOOST_TEST(canceled < 2 * loops);
}

BOOST_AUTO_TEST_CASE(a_caller_may_run_the_context_until_its_next_exchange_is_over) {
    auto const client = this->client();
    exchange_together(client, "a");
    int left = loops;
    auto const nesting = [this](sts::client which, std::string subject, int& open) -> asio::awaitable<void> {
        auto asked = request(subject);
        auto const got = co_await which.try_exchange(asked);
        check(got, subject);
        int inner = 1;
        asio::co_spawn(context, one(which, subject + "-inner", inner), asio::detached);
        while (inner != 0)
            context.run_one();
        --open;
    };
    for (int i = 0; i < loops; ++i)
        asio::co_spawn(context, nesting(client, std::to_string(i), left), asio::detached);
    run_until(context, [&] { return left == 0; });
}

BOOST_AUTO_TEST_CASE(a_caller_that_holds_up_its_thread_holds_up_no_other_caller) {
    auto const client = this->client(true);
    exchange_together(client, "a"); // on one thread
    std::atomic<int> left = loops, wrong = 0;
    auto const waiting = [&left, &wrong, client](int number) -> asio::awaitable<void> {
        auto asked = request(std::to_string(number));
        auto const got = co_await client.try_exchange(asked);
        if (!is_of(got, std::to_string(number))) ++wrong;
        if (--left != 0 && number == 0) eventually([&] { return left == 0; });
    };
    for (int i = 0; i < loops; ++i)
        asio::co_spawn(context, waiting(i), asio::detached);
    run_on_two_threads_until([&] { return left == 0; });
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(connections_serve_on_when_a_second_thread_comes) {
    auto const client = this->client(true);
    exchange_together(client, "a");
    exchange_together(client, "b");
    std::atomic<int> left = 50 * loops, wrong = 0;
    auto const looping = [&left, &wrong, client](int number) -> asio::awaitable<void> {
        for (int i = 0; i < 50; ++i) {
            auto const subject = std::to_string(number) + "-" + std::to_string(i);
            auto asked = request(subject);
            auto const got = co_await client.try_exchange(asked);
            if (!is_of(got, subject)) ++wrong;
            --left;
        }
    };
    for (int i = 0; i < loops; ++i)
        asio::co_spawn(context, looping(i), asio::detached);
    run_on_two_threads_until([&] { return left == 0; });
    BOOST_TEST(wrong == 0);
    BOOST_TEST(client.stats().retries == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
