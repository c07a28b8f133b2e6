// What a server may answer, byte by byte, and what becomes of the connection (section D of doc/faults.md).
#include "support/refused.hpp"
#include "support/service.hpp"

#include <boost/asio/detached.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

using namespace test;
using sts::error_kind;
using sts::phase;
using sts::testing::mock_answer;

namespace {

constexpr char body[] =
    R"({"access_token":"abc","issued_token_type":)"
    R"("urn:ietf:params:oauth:token-type:access_token","token_type":"Bearer","expires_in":60})";

std::string good(std::string const& more_headers = "") {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + more_headers +
           "Content-Length: " + std::to_string(sizeof(body) - 1) + "\r\n\r\n" + body;
}

std::string chunked() {
    std::string out =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (char const c : std::string_view(body))
        out += std::string("1;ext=\"x\"\r\n") + c + "\r\n";
    return out + "0\r\nX-Trailer: y\r\n\r\n";
}

struct fixture : service {
    sts::client sts_client = client(one_attempt());

    outcome answered(mock_answer answer) {
        mock.next(std::move(answer));
        return exchange(sts_client);
    }
    sts::error_info refused(mock_answer answer) {
        auto const got = answered(std::move(answer));
        BOOST_REQUIRE(got.has_error());
        return got.error();
    }
    void check_next_is_on_a_fresh_connection() {
        auto const before = mock.handshakes();
        BOOST_TEST(exchange(sts_client).has_value());
        BOOST_TEST(mock.handshakes() == before + 1);
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(answers, fixture)

BOOST_AUTO_TEST_CASE(D1_one_byte_a_record_gives_the_same_token) {
    for (auto const& bytes : {good(), chunked(), "HTTP/1.1 100 Continue\r\n\r\n" + good()}) {
        auto const got = answered(mock_answer::raw(bytes).pieces(1));
        BOOST_REQUIRE(got.has_value());
        BOOST_TEST(got->access_token.reveal() == "abc");
    }
    BOOST_TEST(mock.handshakes() == 1U);
}

BOOST_AUTO_TEST_CASE(D1_every_size_of_pieces_gives_the_same_token) {
    for (std::size_t size = 2; size < 40; ++size)
        BOOST_TEST(answered(mock_answer::raw(chunked()).pieces(size)).has_value(), size);
    BOOST_TEST(mock.handshakes() == 1U);
}

BOOST_AUTO_TEST_CASE(D28_a_status_line_may_end_behind_the_status_in_whatever_pieces_it_comes) {
    auto bytes = good();
    bytes.erase(bytes.find(" OK"), 3);
    bytes.insert(0, "HTTP/1.1 100\r\n\r\n");
    for (std::size_t size = 1; size < 40; ++size) {
        auto const got = answered(mock_answer::raw(bytes).pieces(size));
        BOOST_REQUIRE(got.has_value());
        BOOST_TEST(got->access_token.reveal() == "abc");
    }
    BOOST_TEST(mock.handshakes() == 1U);
}

// Beast ends the program where the last chunk is the first one and does not come whole.
BOOST_AUTO_TEST_CASE(D1_D17_an_empty_chunked_body_is_malformed_in_whatever_pieces_it_comes) {
    std::string const bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    for (std::size_t size = 1; size < bytes.size(); ++size)
        BOOST_TEST(refused(mock_answer::raw(bytes).pieces(size)).kind == error_kind::malformed);
    BOOST_TEST(mock.handshakes() == 1U);
}

BOOST_AUTO_TEST_CASE(D15_interim_answers_are_skipped_up_to_a_bound) {
    std::string sixteen, seventeen;
    for (int i = 0; i < 16; ++i)
        sixteen += "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    seventeen = sixteen + "HTTP/1.1 102 Processing\r\n\r\n";
    BOOST_TEST(answered(mock_answer::raw(sixteen + good())).has_value());
    BOOST_TEST(mock.handshakes() == 1U);
    BOOST_TEST(refused(mock_answer::raw(seventeen + good())).kind == error_kind::limit);
    check_next_is_on_a_fresh_connection();
}

BOOST_AUTO_TEST_CASE(D4_D10_D16_what_is_not_http_is_a_protocol_error_and_drops_the_connection) {
    for (std::string const bytes : {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
                                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
                                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"}) {
        auto const info = refused(mock_answer::raw(bytes));
        BOOST_TEST(info.kind == error_kind::protocol, bytes);
        BOOST_TEST(info.phase == phase::read);
        BOOST_TEST(!info.retryable());
        check_next_is_on_a_fresh_connection();
    }
}

BOOST_AUTO_TEST_CASE(D8_D10_a_bad_head_is_a_protocol_error_in_whatever_pieces_it_comes) {
    for (std::string const bytes :
         {"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", "HTTP/1.1 200 OK\r\nA : b\r\n", "HTTP/1.1 099 OK\r\n",
          "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200X\r\n", "HTTP/1.1 20\r\n\r\n", "HTTP/1.1 200\n\n",
          "HTTP/1.1 200\r\r\n"})
        for (std::size_t size = 1; size < 12; ++size)
            BOOST_TEST(refused(mock_answer::raw(bytes).pieces(size)).kind == error_kind::protocol, bytes);
}

BOOST_AUTO_TEST_CASE(D7_D12_D13_limits_are_enforced_and_named) {
    auto const head = refused(mock_answer::raw(good("X: " + std::string(20000, 'x') + "\r\n")));
    BOOST_TEST(head.kind == error_kind::limit);
    BOOST_TEST(contains(head.message, "max_head"));
    auto const large = refused(mock_answer::raw("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n"));
    BOOST_TEST(large.kind == error_kind::limit);
    BOOST_TEST(contains(large.message, "max_body"));
    auto const trailer = refused(mock_answer::raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                                                  std::string(100000, 'x')));
    BOOST_TEST(trailer.kind == error_kind::limit);
    check_next_is_on_a_fresh_connection();
}

BOOST_AUTO_TEST_CASE(D11_a_body_that_ends_with_the_connection_is_whole_only_after_close_notify) {
    std::string const bytes = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + std::string(body);
    BOOST_TEST(answered(mock_answer::raw(bytes).close_after()).has_value());
    check_next_is_on_a_fresh_connection();
    BOOST_TEST(refused(mock_answer::raw(bytes).cut_after()).kind == error_kind::truncated);
}

BOOST_AUTO_TEST_CASE(C4_a_complete_answer_stands_whatever_follows) {
    BOOST_TEST(answered(mock_answer::raw(good()).cut_after()).has_value());
    BOOST_TEST(exchange(sts_client).has_value());
    BOOST_TEST(answered(mock_answer::raw(good()).close_after()).has_value());
    BOOST_TEST(exchange(sts_client).has_value());
}

BOOST_AUTO_TEST_CASE(D23_connection_close_is_obeyed) {
    BOOST_TEST(answered(mock_answer::raw(good("Connection: x, Close\r\n"))).has_value());
    check_next_is_on_a_fresh_connection();
}

BOOST_AUTO_TEST_CASE(D27_bytes_behind_the_answer_are_nobodys) {
    BOOST_TEST(answered(mock_answer::raw(good() + good())).has_value());
    check_next_is_on_a_fresh_connection();
}

BOOST_AUTO_TEST_CASE(D27_bytes_that_came_behind_the_answer_are_not_taken_for_the_next) {
    // In a TLS record of their own, which lies unread in the socket when the next exchange begins.
    mock.next(mock_answer::raw(good() + good()).pieces(good().size()));
    std::vector<outcome> got;
    auto const run = [&]() -> asio::awaitable<void> {
        auto first = co_await sts_client.try_exchange(request());
        got.push_back(std::move(first));
        // Without going back to the context: an exchange elsewhere, after which the mock has sent them.
        asio::io_context aside;
        sts::client const other(aside.get_executor(), options());
        BOOST_TEST(started(aside, other, request()).wait().has_value());
        auto second = co_await sts_client.try_exchange(request());
        got.push_back(std::move(second));
    };
    asio::co_spawn(context, run(), asio::detached);
    run_until(context, [&] { return got.size() == 2; });
    BOOST_TEST(got[0]->access_token.reveal() == "abc");
    BOOST_REQUIRE(got[1].has_value());
    BOOST_TEST(mock.claims(got[1]->access_token.reveal()).has_value());
}

BOOST_AUTO_TEST_CASE(D12_a_head_that_comes_in_small_pieces_meets_the_same_limit) {
    // Each piece ends one byte into the next field's name, so that the parser uses up whole fields as it
    // goes.
    constexpr std::size_t size = 1000;
    auto const unit = "-A: " + std::string(size - 7, 'a') + "\r\nX";
    std::string const start = "HTTP/1.1 200 OK\r\nX-P: ";
    auto bytes = start + std::string(size - start.size() - 3, 'p') + "\r\nX";
    for (int i = 0; i < 100; ++i)
        bytes += unit;
    BOOST_TEST(refused(mock_answer::raw(bytes).pieces(size)).kind == error_kind::limit);
}

BOOST_AUTO_TEST_CASE(D17_a_204_with_a_length_drops_the_connection) {
    BOOST_TEST(refused(mock_answer::raw("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n")).kind ==
               error_kind::malformed);
    check_next_is_on_a_fresh_connection();
    BOOST_TEST(
        refused(mock_answer::raw("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n")).kind ==
        error_kind::malformed);
    check_next_is_on_a_fresh_connection();
}

BOOST_AUTO_TEST_CASE(D18_D19_D20_an_answer_cut_anywhere_is_an_orderly_error) {
    for (auto const& bytes : {good(), chunked()}) {
        auto const step = bytes.size() / 40 + 1;
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            mock_answer const endings[] = {mock_answer::raw(bytes).close_after(at),
                                           mock_answer::raw(bytes).cut_after(at),
                                           mock_answer::raw(bytes).reset_after(at)};
            for (auto const& ending : endings) {
                auto const fresh = client(one_attempt()); // a reused connection would be replaced
                mock.next(ending);
                auto const got = exchange(fresh);
                BOOST_REQUIRE_MESSAGE(got.has_error(), at);
                auto const kind = got.error().kind;
                // A reset may overtake the bytes before it.
                BOOST_TEST((kind == error_kind::truncated || kind == error_kind::network), at);
                if (at == 0) BOOST_TEST(kind == error_kind::network);
                fresh.close();
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(a_redirect_is_not_followed) {
    auto const info = refused(mock_answer::with(307, "").header("Location", mock.url()));
    BOOST_TEST(info.kind == error_kind::redirect);
    BOOST_TEST(mock.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(a_gateways_page_is_unavailable_and_carries_retry_after) {
    auto const info = refused(mock_answer::with(503, "<html>", "text/html").header("Retry-After", "7"));
    BOOST_TEST(info.kind == error_kind::unavailable);
    BOOST_TEST((info.retry_after == std::chrono::seconds(7)));
    BOOST_TEST(info.retryable());
}

BOOST_AUTO_TEST_SUITE_END()
