#include <equinix/sts/token.hpp>

namespace equinix::sts {
namespace {

constexpr std::string_view scheme = "Bearer ";

} // namespace

void token::set_access_token(std::string_view text) {
    authorization_ = secret::joined(scheme, text);
    access_token = authorization_.without_prefix(scheme.size());
}

secret token::authorization() const {
    auto const made = authorization_.without_prefix(scheme.size());
    if (!made.empty() && made.reveal().data() == access_token.reveal().data()) return authorization_;
    return secret::joined(scheme, access_token.reveal());
}

} // namespace equinix::sts
