#include "core/wiped.hpp"

#include <equinix/sts/token.hpp>

namespace equinix::sts {
namespace {

constexpr std::string_view scheme = "Bearer ";

secret header_of(std::string_view access_token) {
    core::wiped_buffer text;
    text.reserve(scheme.size() + access_token.size());
    core::append(text, scheme);
    core::append(text, access_token);
    return secret(core::view(text));
}

} // namespace

void token::set_access_token(std::string_view text) {
    authorization_ = header_of(text);
    access_token = authorization_.without_prefix(scheme.size());
}

secret token::authorization() const {
    auto const made = authorization_.without_prefix(scheme.size());
    if (!made.empty() && made.reveal().data() == access_token.reveal().data()) return authorization_;
    return header_of(access_token.reveal());
}

} // namespace equinix::sts
