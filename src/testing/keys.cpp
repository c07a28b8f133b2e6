#include "testing/keys.hpp"

#include "values/jws.hpp"
#include "values/signing_key.hpp"

#include <utility>

namespace equinix::sts::testing {

named_key::named_key(signature_algorithm algorithm, std::string id)
    : id_(std::move(id)),
      key_(signing_key::generate(algorithm == signature_algorithm::es256 ? signing_algorithm::es256
                                                                         : signing_algorithm::rs256)) {}

bool named_key::verify(std::string_view data, std::string_view signature) const {
    return values::jws_verify(signing_key_access::native(key_), key_.algorithm(), data, signature);
}

} // namespace equinix::sts::testing
