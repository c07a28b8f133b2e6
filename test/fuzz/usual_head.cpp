// The reader of usual heads against the parser of all: what the first accepts, the second reads in the same
// way, however the head is written.
#include "core/usual_head.hpp"

#include "fuzz/target.hpp"
#include "net/response_parser.hpp"

#include <boost/beast/http/error.hpp>

#include <string>

namespace {

namespace core = equinix::sts::core;
namespace net = equinix::sts::net;
namespace http = boost::beast::http;
using namespace test;

constexpr std::size_t max_head = 1024, max_body = 4096;

void compare(core::usual_head const& head, std::string_view bytes) {
    net::answer_storage storage;
    net::response_parser parser(storage, max_head, max_body);
    boost::system::error_code ec;
    auto const body = std::string(head.content_length, 'x');
    auto const whole = std::string(bytes.substr(0, head.size)) + body;
    auto used = parser.put(boost::asio::buffer(whole), ec);
    while (!ec && !parser.is_done() && used < whole.size()) {
        auto const taken = parser.put(boost::asio::buffer(whole.data() + used, whole.size() - used), ec);
        require(taken != 0, "the parser waits for more");
        used += taken;
    }
    require(!ec || ec == http::error::need_more, "the parser refuses what the reader accepts");
    require(parser.is_done() && used == whole.size(), "the parser sees another length");
    require(storage.status == 200, "the parser sees another status");
    require(storage.content_type == head.content_type, "the parser sees another media type");
    require(storage.content_encoding == head.content_encoding, "the parser sees another encoding");
    require(storage.retry_after == head.retry_after, "the parser sees another Retry-After");
    require(storage.body.size() == body.size(), "the parser sees another body");
    require(parser.leaves_connection_usable(), "the parser would not keep the connection");
}

} // namespace

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const bytes = test::text_of(data, size);
    if (auto const head = core::read_usual_head(bytes, max_head, max_body)) compare(*head, bytes);
    // The input as the fields of a head, which is found sooner.
    auto const fields = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n" + std::string(bytes) + "\r\n\r\n";
    if (auto const head = core::read_usual_head(fields, max_head, max_body)) compare(*head, fields);
    return 0;
}
