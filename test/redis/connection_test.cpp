// One connection, against a server that does as each test says.
#include "redis/connection.hpp"
#include "support/print.hpp"

#include <equinix/sts/redis_store.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asio = boost::asio;
namespace sts = equinix::sts;
namespace redis = equinix::sts::redis_detail;
using tcp = asio::ip::tcp;
using sts::error_kind;

namespace {

/// A connection of the server's.
class peer {
public:
    explicit peer(tcp::socket socket) : socket_(std::move(socket)) {}

    /// Waits for these commands, each a word of four letters and a space.
    asio::awaitable<void> expect(std::string commands) {
        constexpr std::size_t word = 4, size = std::string_view("*1\r\n$4\r\nPING\r\n").size();
        auto const count = commands.size() / (word + 1);
        std::string all(count * size, '\0');
        auto const buffer = asio::buffer(all);
        co_await asio::async_read(socket_, buffer, asio::use_awaitable);
        std::string got;
        for (std::size_t i = 0; i < count; ++i)
            got += all.substr(i * size + 8, word) + " ";
        BOOST_TEST(got == commands);
    }

    asio::awaitable<void> say(std::string what) {
        auto const buffer = asio::buffer(what);
        co_await asio::async_write(socket_, buffer, asio::use_awaitable);
    }

    /// Returns once the client has closed.
    asio::awaitable<bool> is_closed() {
        char one = 0;
        auto const buffer = asio::buffer(&one, 1);
        boost::system::error_code ended;
        co_await socket_.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, ended));
        co_return ended == asio::error::eof || ended == asio::error::connection_reset;
    }

private:
    tcp::socket socket_;
};

struct fixture {
    using answer = sts::result<redis::reply>;

    fixture() {
        redis::login as;
        auto const shared =
            std::make_shared<redis::connecting>(asio::make_strand(context.get_executor()), nullptr);
        sts::redis_host here;
        here.name = "127.0.0.1";
        here.port = listens.local_endpoint().port();
        on = shared->on;
        tested = std::make_shared<redis::connection>(shared, redis::connection::at({here}), "", as);
    }

    /// Sends a command. `then` is called with its answer.
    void ask(std::string word, std::function<void(answer const&)> then = {}) {
        std::vector<std::string> command = {word};
        asio::co_spawn(*on, tested->ask(std::move(command), within),
                       [this, word, then](std::exception_ptr thrown, answer got) {
                           BOOST_TEST(!thrown);
                           log +=
                               word + ":" + (got.has_value() ? got->text : to_string(got.error().kind)) + " ";
                           if (then) then(got);
                       });
    }

    /// Runs until the server has done what it does and every command is answered.
    void run(asio::awaitable<void> server) {
        std::exception_ptr failed;
        asio::co_spawn(context, std::move(server), [&](std::exception_ptr thrown) { failed = thrown; });
        context.run_for(std::chrono::seconds(30));
        BOOST_TEST(context.stopped());
        if (failed) std::rethrow_exception(failed);
    }

    asio::awaitable<std::shared_ptr<peer>> accept() {
        auto socket = co_await listens.async_accept(asio::use_awaitable);
        co_return std::make_shared<peer>(std::move(socket));
    }

    /// Accepts a connection and waits for its commands, which must be these.
    asio::awaitable<std::shared_ptr<peer>> accept_with(std::string commands) {
        auto const with = co_await accept();
        co_await with->expect(std::move(commands));
        co_return with;
    }

    static std::string to_string(error_kind kind) { return std::string(sts::to_string(kind)); }

    asio::io_context context{1};
    tcp::acceptor listens{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::optional<redis::strand> on;
    std::shared_ptr<redis::connection> tested;
    sts::store_bounds within;
    std::string log; ///< the commands and their answers, in the order of the answers
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(redis_connection, fixture)

BOOST_AUTO_TEST_CASE(commands_that_are_asked_together_are_sent_together_and_answered_in_order) {
    ask("PING");
    ask("ECHO");
    ask("TIME");
    auto const server = [&]() -> asio::awaitable<void> {
        auto const with = co_await accept_with("PING ECHO TIME ");
        co_await with->say("+one\r\n+two\r\n+three\r\n");
    };
    run(server());
    BOOST_TEST(log == "PING:one ECHO:two TIME:three ");
}

BOOST_AUTO_TEST_CASE(who_has_its_answer_does_not_wait_for_the_answers_of_others) {
    std::string first;
    ask("PING", [&](answer const&) { first = log; });
    ask("ECHO");
    auto const server = [&]() -> asio::awaitable<void> {
        auto const with = co_await accept_with("PING ECHO ");
        co_await with->say("+one\r\n");
        while (first.empty())
            co_await asio::post(context, asio::use_awaitable);
        BOOST_TEST(first == "PING:one ");
        co_await with->say("+two\r\n");
    };
    run(server());
    BOOST_TEST(log == "PING:one ECHO:two ");
}

BOOST_AUTO_TEST_CASE(a_command_that_is_asked_while_others_wait_is_sent_at_once) {
    ask("PING", [&](answer const&) { ask("TIME"); });
    ask("ECHO");
    auto const server = [&]() -> asio::awaitable<void> {
        auto const with = co_await accept_with("PING ECHO ");
        co_await with->say("+one\r\n");
        co_await with->expect("TIME "); // ECHO is not answered yet
        co_await with->say("+two\r\n+three\r\n");
    };
    run(server());
    BOOST_TEST(log == "PING:one ECHO:two TIME:three ");
}

BOOST_AUTO_TEST_CASE(commands_whose_answers_never_come_may_have_been_executed) {
    ask("PING");
    ask("ECHO");
    ask("TIME");
    auto const server = [&]() -> asio::awaitable<void> {
        auto const with = co_await accept_with("PING ECHO TIME ");
        co_await with->say("+one\r\n");
    };
    run(server());
    BOOST_TEST(log == "PING:one ECHO:timeout TIME:timeout ");
}

BOOST_AUTO_TEST_CASE(a_command_after_a_failure_opens_another_connection) {
    ask("PING", [&](answer const&) { ask("ECHO"); });
    auto const server = [&]() -> asio::awaitable<void> {
        {
            auto const with = co_await accept_with("PING ");
        }
        auto const with = co_await accept_with("ECHO ");
        co_await with->say("+two\r\n");
    };
    run(server());
    BOOST_TEST(log == "PING:timeout ECHO:two ");
}

BOOST_AUTO_TEST_CASE(a_reply_that_nobody_asked_for_ends_the_connection) {
    auto const server = [&]() -> asio::awaitable<void> {
        auto const with = co_await accept_with("PING ");
        co_await with->say("+one\r\n");
        co_await with->say("+stray\r\n");
        ask("ECHO");
        auto const another = co_await accept_with("ECHO ");
        co_await another->say("+two\r\n");
        auto const closed = co_await with->is_closed();
        BOOST_TEST(closed);
    };
    ask("PING");
    run(server());
    BOOST_TEST(log == "PING:one ECHO:two ");
}

BOOST_AUTO_TEST_CASE(to_drop_the_connection_fails_what_was_sent_and_sends_the_rest_over_another) {
    ask("PING");
    auto const server = [&]() -> asio::awaitable<void> {
        auto const with = co_await accept_with("PING ");
        asio::dispatch(*on, [&] {
            tested->drop();
            ask("ECHO");
        });
        auto const another = co_await accept_with("ECHO ");
        co_await another->say("+two\r\n");
    };
    run(server());
    BOOST_TEST(log == "PING:timeout ECHO:two ");
}

BOOST_AUTO_TEST_SUITE_END()
