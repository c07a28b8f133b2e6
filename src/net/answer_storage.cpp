#include "net/answer_storage.hpp"

#include <algorithm>

namespace equinix::sts::net {

void answer_storage::clear() noexcept {
    status = 0;
    content_type.clear();
    content_encoding.clear();
    retry_after.clear();
    proxy_authenticate.clear();
    dpop_nonce.clear();
    www_authenticate.clear();
    date.clear();
    base::wipe(body);
}

void answer_storage::begin(core::usual_head const& head) {
    clear();
    status = 200;
    content_type.assign(head.content_type);
    content_encoding.assign(head.content_encoding);
    retry_after.assign(head.retry_after);
    dpop_nonce.assign(head.dpop_nonce);
    expect_body(head.content_length);
}

void answer_storage::add_nonce(std::string_view value) {
    if (!dpop_nonce.empty()) dpop_nonce.push_back('\n');
    dpop_nonce.append(value);
}

void answer_storage::add_challenge(std::string_view value) {
    if (status == 400 || status == 401) www_authenticate.append(value).push_back('\n');
}

void answer_storage::take_date(std::string_view value) {
    if (status == 400 || status == 401) date.assign(value);
}

void answer_storage::expect_body(std::size_t length) {
    constexpr std::size_t most_at_once = std::size_t(64) * 1024;
    body.reserve(std::min(length, most_at_once));
}

} // namespace equinix::sts::net
