#include "core/dpop_nonce.hpp"

#include "base/characters.hpp"
#include "core/challenges.hpp"

#include <equinix/sts/dpop.hpp>

#include <algorithm>

namespace equinix::sts {
namespace {

constexpr std::string_view wanted = "use_dpop_nonce";
} // namespace

bool wants_dpop_nonce(unsigned status, std::string_view www_authenticate) {
    if (status != 401 && status != 400) return false;
    return core::has_error(www_authenticate, "DPoP", wanted);
}

core::nonce_reading core::read_nonce(answer const& from, std::string_view oauth_error,
                                     std::string_view sent) {
    nonce_reading found;
    if (from.dpop_nonce.empty()) return found;
    found.ill_formed = !dpop_nonce(from.dpop_nonce);
    if (found.ill_formed) return found;
    found.nonce = from.dpop_nonce;
    bool const is_refused = from.status == 400 || from.status == 401;
    found.is_wanted = is_refused && found.nonce != sent &&
                      (oauth_error == wanted || wants_dpop_nonce(from.status, from.www_authenticate));
    return found;
}

} // namespace equinix::sts
