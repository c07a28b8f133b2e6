// Section D of doc/faults.md, as far as it needs no connection.
#include "net/response_parser.hpp"

#include <equinix/sts/error.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace net = equinix::sts::net;
namespace http = boost::beast::http;

namespace {

struct outcome {
    boost::system::error_code error;
    bool done = false;
    bool usable = false;
    std::size_t used = 0;
    unsigned status = 0;
    std::string type, body;
};

outcome parse(std::string_view bytes, std::size_t max_head = 16384, std::size_t max_body = 1 << 20) {
    net::answer_storage storage;
    net::response_parser parser(storage, max_head, max_body);
    outcome out;
    while (!parser.is_done() && out.used < bytes.size()) {
        auto const taken = parser.put(boost::asio::buffer(bytes.substr(out.used)), out.error);
        out.used += taken;
        if (out.error == http::error::need_more || (!out.error && taken == 0)) {
            out.error = {};
            break;
        }
        if (out.error) return out;
    }
    out.done = parser.is_done();
    out.usable = out.done && parser.leaves_connection_usable();
    out.status = storage.status;
    out.type = storage.content_type;
    out.body = std::string(equinix::sts::base::view(storage.body));
    return out;
}

constexpr std::string_view good =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

} // namespace

BOOST_AUTO_TEST_SUITE(response_parser)

BOOST_AUTO_TEST_CASE(keeps_what_an_oauth_client_reads) {
    auto const out = parse(good);
    BOOST_TEST(out.done);
    BOOST_TEST(out.usable);
    BOOST_TEST(out.status == 200U);
    BOOST_TEST(out.type == "application/json");
    BOOST_TEST(out.body == "{}");
}

BOOST_AUTO_TEST_CASE(D2_chunks_extensions_and_trailers_are_read) {
    auto const out = parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\n"
                           "1;a=b\r\n{\r\n1\r\n}\r\n0\r\nContent-Type: text/html\r\nX: y\r\n\r\n");
    BOOST_TEST(out.done);
    BOOST_TEST(out.usable);
    BOOST_TEST(out.body == "{}");
    BOOST_TEST(out.type == "");
}

BOOST_AUTO_TEST_CASE(D4_D5_D6_D8_D10_D16_refuses_what_is_ambiguous) {
    std::string const head = "HTTP/1.1 200 OK\r\n";
    std::vector<std::string> const bad = {
        head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", // D4
        head + "Content-Length: +2\r\n\r\n{}",                     // D5
        head + "Content-Length: -1\r\n\r\n{}",                     // D5
        head + "Content-Length: 0x2\r\n\r\n{}",                    // D5
        head + "Content-Length: \r\n\r\n{}",                       // D5
        head + "Content-Length: 18446744073709551617\r\n\r\n{}",   // D5
        head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        head + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", // D6
        head + "Transfer-Encoding: chunked\r\n\r\n-1\r\n",                // D6
        head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n",      // D6
        head + "Transfer-Encoding: gzip\r\n\r\n",
        head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        head + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        head + "Content-Length : 2\r\n\r\n{}",      // D8
        head + "A: b\rc\r\n\r\n",                   // D8
        head + std::string("A: b\0c\r\n\r\n", 10),  // D8
        "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", // D8
        head + "Content-Type: application/json\r\nContent-Type: text/html\r\n\r\n",
        "garbage\r\n\r\n",                          // D10
        "HTTP/2.0 200 OK\r\n\r\n",                  // D10
        "HTTP/1.2 200 OK\r\n\r\n",                  // D10
        "HTTP/0.9 200 OK\r\n\r\n",                  // D10
        "HTTP/1.1 099 X\r\n\r\n",                   // D10
        "HTTP/1.1 1000 X\r\n\r\n",                  // D10
        "HTTP/1.1 101 Switching Protocols\r\n\r\n", // D16
        "HTTP/1.1 101\r\n\r\n",                     // D16
        "HTTP/1.1 200X\r\n\r\n",                    // D28, as all that follow
        "HTTP/1.1 20\r\n\r\n",
        "HTTP/1.1 2000\r\n\r\n",
        "HTTP/1.1 2x0\r\n\r\n",
        "HTTP/1.1 099\r\n\r\n",
        "HTTP/1.2 200\r\n\r\n",
        "HTTP/1.1 200\n\n",
        "HTTP/1.1 200\n\r\n\r\n",
        "HTTP/1.1 200\r\r\n\r\n",
        "HTTP/1.1 200\rX\r\n\r\n",
        "HTTP/1.1 200\tOK\r\n\r\n",
        " HTTP/1.1 20\r\n\r\n",
        "HTTP/1.1200 \r\n\r\n",
        "HTTP/1.1\r\n\r\n",
        "garbage.....\r\n\r\n",
    };
    for (auto const& bytes : bad)
        BOOST_TEST(parse(bytes).error.failed(), bytes);
}

BOOST_AUTO_TEST_CASE(D3_equal_lengths_are_one_length) {
    auto const out = parse("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}");
    BOOST_TEST(!out.error.failed());
    BOOST_TEST(out.done);
}

BOOST_AUTO_TEST_CASE(D9_a_folded_line_is_one_line) {
    auto const out = parse("HTTP/1.1 200 OK\r\nContent-Type: application/json;\r\n  charset=utf-8\r\n"
                           "Content-Length: 2\r\n\r\n{}");
    BOOST_TEST(!out.error.failed());
    BOOST_TEST(out.done);
    BOOST_TEST(out.type == "application/json; charset=utf-8");
}

/// What is made of it when it comes in two pieces, of which the first is looked at alone.
outcome parse_in_two(std::string_view bytes, std::size_t first) {
    auto const early = parse(bytes.substr(0, first));
    return early.error || early.done ? early : parse(bytes);
}

BOOST_AUTO_TEST_CASE(D28_a_status_line_may_end_behind_the_status) {
    for (std::string const line : {"HTTP/1.1 200", "HTTP/1.0 200"}) {
        auto const bytes = line + "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
        for (std::size_t first = 0; first <= bytes.size(); ++first) {
            auto const out = parse_in_two(bytes, first);
            BOOST_TEST(!out.error.failed(), first);
            BOOST_TEST(out.done);
            BOOST_TEST(out.used == bytes.size());
            BOOST_TEST(out.status == 200U);
            BOOST_TEST(out.type == "application/json");
            BOOST_TEST(out.body == "{}");
        }
    }
    auto const bare = parse("HTTP/1.1 204\r\n\r\n");
    BOOST_TEST(bare.done);
    BOOST_TEST(bare.usable);
    BOOST_TEST(!parse("HTTP/1.1 204\r\n").done);
}

BOOST_AUTO_TEST_CASE(D28_it_may_come_piece_by_piece_to_one_parser) {
    net::answer_storage storage;
    net::response_parser parser(storage, 16384, 1024);
    std::string_view const bytes = "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n";
    std::size_t used = 0;
    for (std::size_t end = 1; end <= bytes.size(); ++end) {
        BOOST_REQUIRE(!parser.is_done());
        boost::system::error_code ec;
        used += parser.put(boost::asio::buffer(bytes.substr(used, end - used)), ec);
        BOOST_TEST((!ec || ec == http::error::need_more), ec.message());
    }
    BOOST_TEST(parser.is_done());
    BOOST_TEST(used == bytes.size());
}

BOOST_AUTO_TEST_CASE(D12_a_head_over_the_limit_is_refused) {
    auto const out = parse("HTTP/1.1 200 OK\r\nA: " + std::string(2000, 'x') + "\r\n\r\n", 1024);
    BOOST_TEST((out.error == http::error::header_limit));
    std::string many = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 30000; ++i)
        many += "A: b\r\n";
    BOOST_TEST((parse(many + "\r\n").error == http::error::header_limit));
}

BOOST_AUTO_TEST_CASE(D13_a_body_over_the_limit_is_refused_before_it_is_read) {
    auto const declared = parse("HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n", 16384, 1024);
    BOOST_TEST((declared.error == http::error::body_limit));
    auto const chunked = parse(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n" + std::string(2048, 'x'), 16384, 1024);
    BOOST_TEST((chunked.error == http::error::body_limit));
}

BOOST_AUTO_TEST_CASE(D15_an_interim_answer_is_told_from_the_answer) {
    net::answer_storage storage;
    net::response_parser parser(storage, 16384, 1024);
    boost::system::error_code ec;
    parser.put(boost::asio::buffer(std::string_view("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")), ec);
    BOOST_TEST(!ec.failed());
    BOOST_TEST(parser.is_done());
    BOOST_TEST(parser.is_interim());
}

BOOST_AUTO_TEST_CASE(D17_a_204_with_a_length_leaves_the_connection_doubtful) {
    BOOST_TEST(parse("HTTP/1.1 204 No Content\r\n\r\n").usable);
    auto const out = parse("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n");
    BOOST_TEST(out.done);
    BOOST_TEST(!out.usable);
}

BOOST_AUTO_TEST_CASE(D23_connection_close_in_any_form_ends_the_connection) {
    for (auto const* const value : {"close", "CLOSE", "keep-alive, close", "close, x"})
        BOOST_TEST(
            !parse("HTTP/1.1 200 OK\r\nConnection: " + std::string(value) + "\r\nContent-Length: 0\r\n\r\n")
                 .usable,
            value);
    BOOST_TEST(!parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").usable);
}

BOOST_AUTO_TEST_CASE(D27_bytes_behind_the_answer_are_left_alone) {
    auto const out = parse(std::string(good) + "HTTP/1.1 200 OK\r\n");
    BOOST_TEST(out.done);
    BOOST_TEST(out.used == good.size());
}

BOOST_AUTO_TEST_SUITE_END()
