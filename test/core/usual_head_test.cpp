// The head of the usual answer, and what is left to the parser of all heads.
#include "core/usual_head.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace core = equinix::sts::core;

namespace {

constexpr std::string_view usual = "HTTP/1.1 200 OK\r\n"
                                   "Server: nginx\r\n"
                                   "Content-Type: application/json\r\n"
                                   "Content-Length: 17\r\n"
                                   "Connection: keep-alive\r\n"
                                   "\r\n";

std::optional<core::usual_head> read(std::string_view bytes) {
    return core::read_usual_head(bytes, 1024, 4096);
}

/// A head with this line besides.
std::string head_with(std::string const& line) {
    return "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n" + line + "\r\n\r\n";
}

/// Whether that is a usual one.
bool with(std::string const& line) {
    return read(head_with(line)).has_value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(usual_head)

BOOST_AUTO_TEST_CASE(says_what_an_exchange_needs) {
    auto const bytes = std::string(usual) + "{\"a\":1}";
    auto const head = read(bytes);
    BOOST_REQUIRE(head.has_value());
    BOOST_TEST(head->content_type == "application/json");
    BOOST_TEST(head->content_encoding == "");
    BOOST_TEST(head->retry_after == "");
    BOOST_TEST(head->content_length == 17U);
    BOOST_TEST(head->size == usual.size());
}

BOOST_AUTO_TEST_CASE(names_are_of_either_case_and_values_without_the_spaces_around_them) {
    auto const bytes =
        head_with("CONTENT-TYPE:  text/plain  \r\nretry-after:1\r\nContent-encoding: identity");
    auto const head = read(bytes);
    BOOST_REQUIRE(head.has_value());
    BOOST_TEST(head->content_type == "text/plain");
    BOOST_TEST(head->retry_after == "1");
    BOOST_TEST(head->content_encoding == "identity");
}

BOOST_AUTO_TEST_CASE(a_part_of_one_is_none) {
    for (std::size_t size = 0; size < usual.size(); ++size)
        BOOST_TEST(!read(usual.substr(0, size)).has_value());
}

BOOST_AUTO_TEST_CASE(any_other_status_or_version_is_not_usual) {
    for (auto const* const line :
         {"HTTP/1.0 200 OK", "HTTP/1.1 204 No Content", "HTTP/1.1 401 Unauthorized", "HTTP/1.1 200",
          "HTTP/1.1  200 OK", "http/1.1 200 OK", "HTTP/1.1 100 Continue"})
        BOOST_TEST(!read(std::string(line) + "\r\nContent-Length: 17\r\n\r\n").has_value(), line);
}

BOOST_AUTO_TEST_CASE(without_a_length_or_with_two_it_is_not_usual) {
    BOOST_TEST(!read("HTTP/1.1 200 OK\r\n\r\n").has_value());
    for (auto const* const line : {"Content-Length: 17", "Content-Length: 18", "content-length:17"})
        BOOST_TEST(!with(line), line);
    for (auto const* const length : {"", "+1", "-1", "1 2", "1,1", "0x1", "1a", "01", "1234567890", "4097"})
        BOOST_TEST(
            !read(std::string("HTTP/1.1 200 OK\r\nContent-Length: ") + length + "\r\n\r\n").has_value(),
            length);
    BOOST_TEST(read("HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n").has_value());
}

BOOST_AUTO_TEST_CASE(what_changes_the_connection_or_the_body_is_not_usual) {
    for (auto const* const line :
         {"Transfer-Encoding: chunked", "transfer-encoding:", "Connection: close", "Connection: upgrade",
          "Connection: keep-alive, close", "Upgrade: h2c", "Trailer: x", "Proxy-Connection: keep-alive"})
        BOOST_TEST(!with(line), line);
    BOOST_TEST(with("Connection: Keep-Alive"));
}

BOOST_AUTO_TEST_CASE(what_could_be_read_in_two_ways_is_not_usual) {
    for (auto const* const line :
         {" folded", "\tfolded", "Name : value", "Name", ": value", "Na me: value", "Name: a\rb",
          "Name: a\nb", "Name: \x01", "Name: \x80", "N\xc3\xa4me: value",
          "Content-Type: a\r\nContent-Type: a", "Retry-After: 1\r\nRetry-After: 2",
          "Content-Encoding:\r\nContent-Encoding: gzip"})
        BOOST_TEST(!with(line), line);
}

BOOST_AUTO_TEST_CASE(a_head_beyond_a_limit_is_not_usual) {
    BOOST_TEST(core::read_usual_head(usual, usual.size(), 4096).has_value());
    BOOST_TEST(!core::read_usual_head(usual, usual.size() - 1, 4096).has_value());
    BOOST_TEST(!core::read_usual_head(usual, 1024, 16).has_value());
    std::string many;
    for (int i = 0; i < 31; ++i)
        many += "X: y\r\n";
    BOOST_TEST(!with(many + "X: y"));
}

BOOST_AUTO_TEST_SUITE_END()
