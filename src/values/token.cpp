#include "base/characters.hpp"
#include "base/failure.hpp"
#include "values/proof.hpp"

#include <equinix/sts/dpop.hpp>
#include <equinix/sts/token.hpp>

#include <chrono>
#include <utility>

namespace equinix::sts {
namespace {

constexpr std::string_view bearer = "Bearer ";
constexpr std::string_view dpop = "DPoP ";
constexpr char dpop_type[] = "DPoP";

std::string_view scheme_of(token const& one) noexcept {
    return one.token_type == dpop_type ? dpop : bearer;
}

} // namespace

void token::set_access_token(std::string_view text) {
    if (token_type == no_access_token) {
        authorization_ = secret();
        access_token = secret(text);
        return;
    }
    auto const scheme = scheme_of(*this);
    authorization_ = secret::joined(scheme, text);
    access_token = authorization_.without_prefix(scheme.size());
}

void token::bind(signing_key key) {
    token_type = dpop_type;
    proof_key_ = std::move(key);
}

secret token::authorization() const {
    if (token_type == no_access_token)
        base::refuse("a token of type N_A is not an access token and has no Authorization header: send it to "
                     "another token endpoint, as the subject token or assertion");
    auto const scheme = scheme_of(*this);
    auto const made = authorization_.without_prefix(scheme.size());
    if (!made.empty() && made.reveal().data() == access_token.reveal().data()) return authorization_;
    return secret::joined(scheme, access_token.reveal());
}

std::string token::proof(std::string_view method, std::string_view url, std::string_view nonce) const {
    if (!proof_key_)
        base::refuse("the token is not bound to a key, and needs no proof: its type is " + token_type +
                     "; it is DPoP only if the request had a proof() and the service binds tokens");
    if (method.empty() || !base::all_of(method, base::is_token_char))
        base::refuse("token::proof: the method is not an HTTP method, such as GET");
    auto const target = values::proof_target(url);
    if (!target) base::refuse("token::proof: the URL is not an absolute https or http URL");
    if (!nonce.empty() && !dpop_nonce(nonce))
        base::refuse("token::proof: the nonce contains a character that RFC 9449 section 8.1 does not allow");
    values::proof_claims about;
    about.method = method;
    about.target = *target;
    about.nonce = nonce;
    about.access_token = access_token.reveal();
    return values::make_proof(*proof_key_, about, std::chrono::system_clock::now());
}

} // namespace equinix::sts
