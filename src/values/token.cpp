#include "base/failure.hpp"

#include <equinix/sts/token.hpp>

namespace equinix::sts {
namespace {

constexpr std::string_view scheme = "Bearer ";

} // namespace

void token::set_access_token(std::string_view text) {
    if (token_type == no_access_token) {
        authorization_ = secret();
        access_token = secret(text);
        return;
    }
    authorization_ = secret::joined(scheme, text);
    access_token = authorization_.without_prefix(scheme.size());
}

secret token::authorization() const {
    if (token_type == no_access_token)
        base::refuse("a token of type N_A is not an access token and has no Authorization header: send it to "
                     "another token endpoint, as the subject token or assertion");
    auto const made = authorization_.without_prefix(scheme.size());
    if (!made.empty() && made.reveal().data() == access_token.reveal().data()) return authorization_;
    return secret::joined(scheme, access_token.reveal());
}

} // namespace equinix::sts
