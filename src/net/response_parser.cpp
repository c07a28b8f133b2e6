#include "net/response_parser.hpp"

#include "base/characters.hpp"

#include <equinix/sts/error.hpp>

#include <algorithm>
#include <string_view>

namespace equinix::sts::net {

response_parser::response_parser(answer_storage& storage, std::size_t max_head, std::size_t max_body)
    : storage_(storage) {
    header_limit(static_cast<std::uint32_t>(max_head));
    body_limit(std::uint64_t(max_body));
    eager(true);
}

std::size_t response_parser::put(boost::asio::const_buffer bytes, error_code& ec) {
    constexpr std::size_t status_ends = std::string_view("HTTP/1.1 200").size();
    constexpr std::string_view line_end = "\r\n";
    std::string_view const text(static_cast<char const*>(bytes.data()), bytes.size());
    auto const behind = text.substr(std::min(text.size(), status_ends), line_end.size());
    bool const is_bare = version_ == 0 && !behind.empty() && line_end.starts_with(behind);
    if (!is_bare) return basic_parser::put(bytes, ec);
    // Beast requires a space there, and would report its absence without waiting for the whole line.
    if (behind != line_end) return basic_parser::put(boost::asio::buffer(bytes, status_ends), ec);
    base::wiped_buffer spaced;
    spaced.reserve(text.size() + 1);
    base::append(spaced, text.substr(0, status_ends));
    spaced.push_back(' ');
    base::append(spaced, text.substr(status_ends));
    auto const used = basic_parser::put(boost::asio::buffer(spaced), ec);
    return used > status_ends ? used - 1 : used;
}

bool response_parser::leaves_connection_usable() const {
    // A 204 or 304 has no body whatever its head says: any bytes after it would belong to nothing.
    bool const doubtful =
        (storage_.status == 204 || storage_.status == 304) && (length_given_ || codings_ != 0);
    return keep_alive() && !doubtful;
}

void response_parser::on_response_impl(int status, string_view, int version, error_code& ec) {
    storage_.clear();
    storage_.status = static_cast<unsigned>(status);
    version_ = version;
    if ((version != 10 && version != 11) || status < 100 || status == 101) ec = error_kind::protocol;
}

void response_parser::on_field_impl(field name, string_view text, string_view value, error_code& ec) {
    if (header_seen_) return; // a trailer
    switch (name) {
    case field::content_type:
        if (!storage_.content_type.empty() && storage_.content_type != value) ec = error_kind::protocol;
        storage_.content_type.assign(value);
        break;
    case field::content_encoding:
        storage_.content_encoding.assign(value);
        break;
    case field::retry_after:
        storage_.retry_after.assign(value);
        break;
    case field::proxy_authenticate:
        if (storage_.status == 407) storage_.proxy_authenticate.append(value).push_back('\n');
        break;
    case field::content_length:
        length_given_ = true;
        break;
    case field::transfer_encoding:
        ++codings_;
        if (!base::iequals(value, "chunked") || codings_ > 1 || version_ != 11) ec = error_kind::protocol;
        break;
    case field::www_authenticate:
        storage_.add_challenge(value);
        break;
    case field::date:
        storage_.take_date(value);
        break;
    case field::unknown:
        if (base::iequals(text, "dpop-nonce")) storage_.add_nonce(value);
        break;
    default:
        break;
    }
}

void response_parser::on_header_impl(error_code&) {
    header_seen_ = true;
}

void response_parser::on_body_init_impl(content_length const& length, error_code&) {
    if (length) storage_.expect_body(static_cast<std::size_t>(*length));
}

std::size_t response_parser::on_body_impl(string_view part, error_code&) {
    base::append(storage_.body, part);
    return part.size();
}

std::size_t response_parser::on_chunk_body_impl(std::uint64_t, string_view part, error_code& ec) {
    return on_body_impl(part, ec);
}

} // namespace equinix::sts::net
